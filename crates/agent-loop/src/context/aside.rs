//! Asks a model on behalf of a policy, and takes no reply for an answer.

use offseeker_chat::ChatModel;
use offseeker_trajectory::{Limit, Message, StopReason};

use super::said;
use crate::{Desk, Halt};

/// What a model replies to a prompt beside the attempt, without its reasoning; none where it has nothing to say, declines,
/// or cannot read so much. The attempt can do without.
pub(super) async fn ask(
    desk: &mut Desk<'_, '_>,
    purpose: &str,
    prompt: String,
    model: Option<&dyn ChatModel>,
) -> Result<Option<String>, Halt> {
    let prompt = vec![Message::user(prompt)];
    let reply = match desk.ask(purpose, prompt.clone(), model, None).await {
        Err(Halt::Ended(StopReason::Refused | StopReason::Limit { which: Limit::Context })) => {
            desk.ask_no_more(purpose, prompt).await?;
            return Ok(None);
        }
        reply => Message::assistant(reply?),
    };
    let reply = said::without_reasoning(desk.dialect(), &reply).content;
    Ok(Some(reply.trim().to_owned()).filter(|reply| !reply.is_empty()))
}
