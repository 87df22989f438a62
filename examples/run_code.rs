//! How do I run code that a model wrote?
//!
//! ```sh
//! echo 'print(sum(range(10)))' | cargo run --release --example run_code
//! ```
//!
//! With `monty` as its argument it takes the embedded interpreter, with `python` the machine's own, and by itself the
//! first that works. A further argument names the Python to use.

use std::io::Read;
use std::time::Instant;

use offseeker::tools::code::{CodeError, Engine, Interpreter, Options, serve_if_guest};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The embedded interpreter runs in a process of its own: in this executable, started once more.
    serve_if_guest();
    let mut arguments = std::env::args().skip(1);
    let engine = match arguments.next().as_deref() {
        Some("monty") => Some(Engine::Monty),
        Some("python") => Some(Engine::Python),
        _ => None,
    };
    let options = Options { engine, python: arguments.next().map(Into::into), ..Options::default() };
    let mut code = String::new();
    std::io::stdin().read_to_string(&mut code)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(options, &code))?;
    Ok(())
}

async fn run(options: Options, code: &str) -> Result<(), CodeError> {
    let interpreter = Interpreter::detect(options).await?;
    println!("{}", interpreter.description());
    let since = Instant::now();
    let execution = interpreter.run(code).await?;
    let in_all = since.elapsed();
    print!("{}{}", execution.stdout.text, execution.stderr.text);
    if let Some(value) = execution.value {
        println!("{value}");
    }
    println!("{:?} in {:?}, {in_all:?} with the start", execution.outcome, execution.elapsed);
    Ok(())
}
