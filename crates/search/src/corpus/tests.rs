//! Tests of the corpora.
