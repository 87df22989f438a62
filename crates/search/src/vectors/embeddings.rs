//! Vectors from a server that speaks OpenAI's protocol.

use async_trait::async_trait;
use futures::stream::{StreamExt, TryStreamExt, iter};
use offseeker_remote::RetryPolicy;
use serde::{Deserialize, Serialize};

use super::{Embedder, Purpose};
use crate::SearchError;
use crate::engines::{Access, Link};

/// Where OpenAI's own server is.
const PUBLIC: &str = "https://api.openai.com/v1";

/// How vectors are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddingsOptions {
    /// What is put before a query.
    pub query_prefix: String,
    /// What is put before a passage.
    pub passage_prefix: String,
    /// How many texts go into one request; nought counts as one.
    pub batch: usize,
    /// How many requests are under way at once; nought counts as one.
    pub at_once: usize,
    /// How often a request is made, and how long to wait in between.
    pub retry: RetryPolicy,
    /// Whether the server is told how many numbers a vector is to have; only some know of that.
    pub shorten: bool,
}

impl Default for EmbeddingsOptions {
    fn default() -> Self {
        Self {
            query_prefix: String::new(),
            passage_prefix: String::new(),
            batch: 32,
            at_once: 4,
            retry: RetryPolicy::default(),
            shorten: false,
        }
    }
}

/// Vectors from a server that speaks OpenAI's protocol: `POST /embeddings`.
#[derive(Debug, Clone)]
pub struct Embeddings {
    name: String,
    model: String,
    dimensions: usize,
    link: Link,
    options: EmbeddingsOptions,
}

#[derive(Serialize)]
struct Asked<'a> {
    model: &'a str,
    input: &'a [String],
    encoding_format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<usize>,
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Datum>,
}

#[derive(Deserialize)]
struct Datum {
    index: Option<usize>,
    embedding: Vec<f32>,
}

impl Embeddings {
    /// Asks for vectors of a model, which have so many numbers.
    pub fn new(
        access: Access,
        model: impl Into<String>,
        dimensions: usize,
        options: EmbeddingsOptions,
    ) -> Result<Self, SearchError> {
        let (model, link) = (model.into(), Link::new("embeddings", Some(PUBLIC), access)?);
        let (query, passage) = (&options.query_prefix, &options.passage_prefix);
        let prefixes =
            if query.is_empty() && passage.is_empty() { String::new() } else { format!(":{query:?}:{passage:?}") };
        let name = format!("embeddings:{}:{model}:{dimensions}{prefixes}", link.place());
        Ok(Self { name, model, dimensions, link, options })
    }

    async fn ask(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, SearchError> {
        let dimensions = self.options.shorten.then_some(self.dimensions);
        let asked = Asked { model: &self.model, input: texts, encoding_format: "float", dimensions };
        let mut request = self.link.post(&["embeddings"]).json(&asked);
        if self.link.has_key() {
            request = request.header("authorization", self.link.secret("Bearer ")?);
        }
        let answer: Answer = self.link.exchange(request).await?;
        self.in_order(answer.data, texts.len())
    }

    /// The vectors in the order of the texts, each with as many numbers as it should have.
    fn in_order(&self, mut data: Vec<Datum>, expected: usize) -> Result<Vec<Vec<f32>>, SearchError> {
        if data.iter().all(|datum| datum.index.is_some()) {
            data.sort_by_key(|datum| datum.index);
            if data.iter().enumerate().any(|(place, datum)| datum.index != Some(place)) {
                return Err(self.link.broken("the vectors have numbers that are not those of the texts"));
            }
        }
        if data.len() != expected {
            return Err(self.link.broken(format!("there are {} vectors for {expected} texts", data.len())));
        }
        if let Some(wrong) = data.iter().find(|datum| datum.embedding.len() != self.dimensions) {
            let (found, dimensions) = (wrong.embedding.len(), self.dimensions);
            return Err(self.link.broken(format!("a vector has {found} numbers, not the {dimensions} that were told")));
        }
        Ok(data.into_iter().map(|datum| datum.embedding).collect())
    }
}

#[async_trait]
impl Embedder for Embeddings {
    fn name(&self) -> &str {
        &self.name
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    async fn embed(&self, texts: &[&str], purpose: Purpose) -> Result<Vec<Vec<f32>>, SearchError> {
        let prefix = match purpose {
            Purpose::Query => &self.options.query_prefix,
            Purpose::Passage => &self.options.passage_prefix,
        };
        let texts: Vec<String> = texts.iter().map(|text| format!("{prefix}{text}")).collect();
        let batches: Vec<Vec<String>> = texts.chunks(self.options.batch.max(1)).map(<[String]>::to_vec).collect();
        let vectors = iter(
            batches
                .into_iter()
                .map(|batch| async move { self.options.retry.run(&self.name, || self.ask(&batch)).await }),
        );
        let vectors: Vec<Vec<Vec<f32>>> = vectors.buffered(self.options.at_once.max(1)).try_collect().await?;
        Ok(vectors.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use offseeker_remote::Key;
    use offseeker_remote::loopback::{Arrived, Loopback, Step};
    use serde_json::json;
    use std::time::Duration;

    use super::*;

    fn response(status: &str, body: &str) -> Vec<Step> {
        let length = body.len();
        vec![Step::Send(format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes())]
    }

    /// A vector says how long its text is; they come in the wrong order.
    fn vectors(arrived: &Arrived) -> Vec<Step> {
        let asked = arrived.json();
        let texts = asked["input"].as_array().unwrap();
        let datum = |(index, text): (usize, &serde_json::Value)| json!({"index": index, "embedding": [text.as_str().unwrap().len() as f32, 1.0]});
        let data: Vec<_> = texts.iter().enumerate().map(datum).rev().collect();
        response("200 OK", &json!({"data": data}).to_string())
    }

    fn embeddings(server: &Loopback, options: EmbeddingsOptions) -> Embeddings {
        let access = Access { key: Some(Key::new("s3cret")), ..Access::at(server.base()) };
        let retry = RetryPolicy { base: Duration::ZERO, ..RetryPolicy::default() };
        Embeddings::new(access, "tiny", 2, EmbeddingsOptions { retry, ..options }).unwrap()
    }

    #[tokio::test]
    async fn texts_are_sent_in_batches_and_vectors_come_in_order() {
        let server = Loopback::by(|_, arrived| vectors(arrived)).await;
        let options = EmbeddingsOptions { query_prefix: "q: ".to_owned(), batch: 2, ..EmbeddingsOptions::default() };
        let embedder = embeddings(&server, options);
        let found = embedder.embed(&["a", "bb", "ccc", "dddd", "eeeee"], Purpose::Passage).await.unwrap();
        assert_eq!(found.iter().map(|vector| vector[0]).collect::<Vec<_>>(), [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(embedder.embed(&["a"], Purpose::Query).await.unwrap(), [[4.0, 1.0]]);
        assert_eq!(embedder.embed(&[], Purpose::Query).await.unwrap(), Vec::<Vec<f32>>::new());
        let arrived = server.arrived();
        assert_eq!(arrived.len(), 4);
        assert!(arrived[0].line.starts_with("POST /embeddings"), "{arrived:?}");
        assert!(arrived[0].headers.to_lowercase().contains("authorization: bearer s3cret"), "{arrived:?}");
        assert!(!format!("{embedder:?}{}", embedder.name()).contains("s3cret"));
    }

    #[tokio::test]
    async fn failures_are_told_apart() {
        let check = async |status: &'static str, body: &'static str, kind: &str, requests: usize| {
            let server = Loopback::by(move |_, _| response(status, body)).await;
            let error =
                embeddings(&server, EmbeddingsOptions::default()).embed(&["a"], Purpose::Query).await.unwrap_err();
            assert_eq!((error.kind(), server.arrived().len()), (kind, requests), "{error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
        };
        check("401 Unauthorized", "bad key s3cret", "unauthorized", 1).await;
        check("429 Too Many Requests", "slower", "rate_limited", 5).await;
        check("503 Service Unavailable", "", "transient", 5).await;
        check("400 Bad Request", "no such model", "broken", 1).await;
        check("200 OK", "{}", "broken", 1).await;
        check("200 OK", r#"{"data": []}"#, "broken", 1).await;
        check("200 OK", r#"{"data": [{"index": 0, "embedding": [1.0]}]}"#, "broken", 1).await;
        check("200 OK", r#"{"data": [{"index": 7, "embedding": [1.0, 2.0]}]}"#, "broken", 1).await;
    }
}
