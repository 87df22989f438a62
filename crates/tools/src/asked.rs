//! Asks for each thing that a call names: once, a few at a time, answered in the order of the call.

use futures::StreamExt;

use crate::ToolError;

/// How many things of one call are asked for at once.
const AT_ONCE: usize = 5;

/// What came of each thing that a call names.
#[derive(Debug)]
pub(crate) struct Asked<'a, T> {
    named: &'a [String],
    answers: Vec<(&'a str, T)>,
}

impl<'a, T> Asked<'a, T> {
    /// Asks for each of `named`. What stands there twice is asked for once.
    ///
    /// Of several ends of the attempt it is the first in the order of the call, however quick each was.
    pub(crate) async fn each<F>(named: &'a [String], ask: impl Fn(&'a str) -> F) -> Result<Self, ToolError>
    where
        F: Future<Output = Result<T, ToolError>>,
    {
        let mut once: Vec<&str> = Vec::with_capacity(named.len());
        for name in named {
            if !once.contains(&name.as_str()) {
                once.push(name);
            }
        }
        let came: Vec<Result<T, ToolError>> =
            futures::stream::iter(0..once.len()).map(|place| ask(once[place])).buffered(AT_ONCE).collect().await;
        let came = came.into_iter().collect::<Result<Vec<T>, _>>()?;
        Ok(Self { named, answers: once.into_iter().zip(came).collect() })
    }

    /// What came of each different thing.
    pub(crate) fn different(&self) -> impl Iterator<Item = &T> + Clone {
        self.answers.iter().map(|(_, answer)| answer)
    }

    /// Everything that was named, in the order of the call, and what came of it.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (&'a str, &T)> {
        self.named.iter().filter_map(|name| {
            let (name, answer) = self.answers.iter().find(|(known, _)| known == name)?;
            Some((*name, answer))
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use std::cell::RefCell;

    use super::Asked;
    use crate::ToolError;

    fn named(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[tokio::test]
    async fn what_stands_twice_is_asked_for_once_and_answered_twice() {
        let named = named(&["a", "b", "a"]);
        let seen = RefCell::new(Vec::new());
        let asked = Asked::each(&named, async |name| {
            seen.borrow_mut().push(name);
            Ok(name.to_uppercase())
        });
        let asked = asked.await.unwrap();
        assert_eq!(*seen.borrow(), ["a", "b"]);
        assert_eq!(asked.different().collect::<Vec<_>>(), ["A", "B"]);
        let answers: Vec<(&str, &str)> = asked.in_order().map(|(name, answer)| (name, answer.as_str())).collect();
        assert_eq!(answers, [("a", "A"), ("b", "B"), ("a", "A")]);
    }

    #[tokio::test]
    async fn the_first_end_in_the_order_of_the_call_counts() {
        let named = named(&["fine", "slow", "quick"]);
        let asked = Asked::<()>::each(&named, async |name| match name {
            "fine" => Ok(()),
            "slow" => {
                tokio::task::yield_now().await;
                Err(ToolError::broken("slow", "late"))
            }
            other => Err(ToolError::broken(other, "at once")),
        });
        assert!(asked.await.unwrap_err().to_string().contains("late"));
    }
}
