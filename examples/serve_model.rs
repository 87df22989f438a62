//! How do other programs ask a model that runs here? Serves one in OpenAI's protocol.
//!
//! ```sh
//! cargo run --release --example serve_model                     # a small untrained model, whose words are nonsense
//! cargo run --release --example serve_model -- FOLDER --port 8000  # a Qwen3 in a folder of Hugging Face's layout
//! ```
//!
//! It prints where it is and a request to try. Ctrl-C ends it, once it has answered what is under way.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use offseeker::chat::ChatModel;
use offseeker::language_model::serve::Server;
use offseeker::language_model::{BytePairTraining, ChatTemplate, Config, LocalModel, LocalOptions, Renderer, Weights};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (folder, port) = match arguments() {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("{error}\nusage: serve_model [FOLDER] [--port N]");
            std::process::exit(2);
        }
    };
    let model = match folder {
        Some(folder) => LocalModel::load(&folder, LocalOptions::default())?,
        None => untrained()?,
    };
    let (name, context) = (model.name().to_owned(), model.context());
    let server = Server::local(Arc::new(model)).bind(&format!("127.0.0.1:{port}")).await?;
    let base = format!("http://{}/v1", server.address());
    println!("{name} is at {base} and reads up to {context} tokens; try");
    println!(
        "curl {base}/chat/completions -H 'Content-Type: application/json' \
         -d '{{\"messages\": [{{\"role\": \"user\", \"content\": \"Hello\"}}], \"max_tokens\": 40}}'"
    );
    server.run(stopped()).await?;
    println!("ended");
    Ok(())
}

/// The folder of the model, if one is named, and the port; 0 stands for any.
fn arguments() -> Result<(Option<PathBuf>, u16), Box<dyn Error>> {
    let (mut folder, mut port) = (None, 0);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--port" => port = arguments.next().ok_or("--port wants a number")?.parse()?,
            path if !path.starts_with('-') && folder.is_none() => folder = Some(PathBuf::from(path)),
            other => return Err(format!("{other:?} is not known").into()),
        }
    }
    Ok((folder, port))
}

/// A model that knows which letters there are, and nothing else.
fn untrained() -> Result<LocalModel, Box<dyn Error>> {
    println!("no folder is named, so this is a small model that has learnt nothing: its words are nonsense");
    let tokenizer = Arc::new(BytePairTraining::new(1024).train(docs()?)?);
    let weights = Weights::from_seed(&Config::small(tokenizer.vocabulary(), 128, 4, 4), 1)?;
    let renderer = Renderer::new(tokenizer, ChatTemplate::qwen())?;
    Ok(LocalModel::new("untrained", Arc::new(weights), None, renderer, LocalOptions::default())?)
}

/// The texts of this repository, which its tokens are made of.
fn docs() -> Result<Vec<String>, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("README.md")];
    for entry in std::fs::read_dir(root.join("docs"))? {
        files.push(entry?.path());
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "md"));
    Ok(files.iter().map(std::fs::read_to_string).collect::<Result<_, _>>()?)
}

/// Over when somebody presses Ctrl-C, or the system asks the program to end.
async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a signal handler, the program ends as the system ends it.
    let _ = tokio::signal::ctrl_c().await;
}
