//! A language model that runs and learns here: Qwen3, its tokenizer, its dialogue and its files.
