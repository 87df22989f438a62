//! What code cannot do, whichever engine runs it. Success of an attack is what can be seen of it: a secret in its
//! output, a file that was made or changed, a server that was reached, a process or a folder that is left.

#![cfg(all(target_os = "linux", feature = "python", feature = "monty"))]

mod attacks;

use std::collections::BTreeSet;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::{fs, io};

use attacks::{ATTACKS, Attack, End};
use futures::StreamExt;
use offseeker_tools::code::{Bound, CodeError, Engine, Execution, Interpreter, Limits, Options, Outcome};
use tempfile::TempDir;
use tokio::sync::Mutex;

const SECRET: &str = "the mill stands on the Orsa";
const MODE: u32 = 0o640;

/// One engine at a time, so that what is left over belongs to it.
static ONE: Mutex<()> = Mutex::const_new(());

/// Places of the host that attacks aim at, open to every user so that the sandbox alone stands before them.
struct Host {
    outside: TempDir,
    tcp: TcpListener,
    udp: UdpSocket,
    unix: UnixListener,
    before: BTreeSet<PathBuf>,
}

impl Host {
    fn new() -> Self {
        let outside = tempfile::tempdir().expect("a folder");
        fs::set_permissions(outside.path(), fs::Permissions::from_mode(0o777)).expect("opened");
        fs::write(outside.path().join("secret"), SECRET).expect("written");
        fs::set_permissions(outside.path().join("secret"), fs::Permissions::from_mode(0o666)).expect("opened");
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
        let udp = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let unix = UnixListener::bind(outside.path().join("socket")).expect("a socket");
        fs::set_permissions(outside.path().join("socket"), fs::Permissions::from_mode(0o777)).expect("opened");
        tcp.set_nonblocking(true).expect("set");
        udp.set_nonblocking(true).expect("set");
        unix.set_nonblocking(true).expect("set");
        let host = Self { outside, tcp, udp, unix, before: folders() };
        host.restore();
        host
    }

    /// Makes the file anew that attacks aim at.
    fn restore(&self) {
        let victim = self.outside.path().join("victim");
        fs::write(&victim, "whole").expect("written");
        fs::set_permissions(&victim, fs::Permissions::from_mode(MODE)).expect("set");
    }

    fn fill(&self, code: &str) -> String {
        let path = |name: &str| self.outside.path().join(name).display().to_string();
        let port = |address: io::Result<std::net::SocketAddr>| address.expect("bound").port().to_string();
        code.replace("{secret}", &path("secret"))
            .replace("{outside}", &self.outside.path().display().to_string())
            .replace("{unix}", &path("socket"))
            .replace("{tcp}", &port(self.tcp.local_addr()))
            .replace("{udp}", &port(self.udp.local_addr()))
            .replace("{pid}", &std::process::id().to_string())
    }

    /// What attacks left behind that can be seen.
    fn traces(&self) -> Vec<String> {
        let mut traces = Vec::new();
        let mut seen = |is: bool, what: &str| {
            if is {
                traces.push(what.to_owned());
            }
        };
        seen(self.tcp.accept().is_ok(), "the TCP server was reached");
        seen(self.udp.recv(&mut [0; 9]).is_ok(), "the UDP server was reached");
        seen(self.unix.accept().is_ok(), "the socket was reached");
        let mut names: Vec<_> = fs::read_dir(self.outside.path())
            .expect("there")
            .map(|entry| entry.expect("there").file_name().into_string().expect("text"))
            .collect();
        names.sort();
        seen(names != ["secret", "socket", "victim"], &format!("files outside: {names:?}"));
        let victim = self.outside.path().join("victim");
        let metadata = victim.metadata();
        seen(fs::read(&victim).ok().as_deref() != Some(b"whole"), "a file outside was changed");
        seen(metadata.as_ref().is_ok_and(|victim| victim.permissions().mode() & 0o777 != MODE), "a mode was changed");
        seen(metadata.is_ok_and(|victim| victim.mtime() == 1), "a time was changed");
        seen(PathBuf::from("/dev/shm/offseeker").exists(), "shared memory was written");
        seen(std::env::temp_dir().join("climbed").exists(), "a file was written above");
        traces
    }
}

/// The folders of guests.
fn folders() -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(std::env::temp_dir()).expect("there").flatten().map(|entry| entry.path());
    entries.filter(|path| path.display().to_string().contains("offseeker-code-")).collect()
}

/// Processes that run in the folder of a guest, or that this process started.
fn processes() -> Vec<String> {
    let own = std::process::id().to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("there").flatten() {
        let path = entry.path();
        let folder = fs::read_link(path.join("cwd")).unwrap_or_default().display().to_string();
        let stat = fs::read_to_string(path.join("stat")).unwrap_or_default();
        let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1));
        if folder.contains("offseeker-code-") || parent == Some(&own) {
            found.push(format!("{stat} in {folder}"));
        }
    }
    found
}

fn limits() -> Limits {
    Limits {
        wall: Duration::from_secs(5),
        cpu: Duration::from_secs(1),
        memory: 256 << 20,
        file_size: 8 << 20,
        disk: 32 << 20,
        files: 2_000,
        output: 4 << 20,
        ..Limits::default()
    }
}

async fn interpreter(engine: Engine) -> Option<Interpreter> {
    let worker = Some(env!("CARGO_BIN_EXE_offseeker-interpreter").into());
    match Interpreter::detect(Options { limits: limits(), engine: Some(engine), worker, ..Options::default() }).await {
        Ok(interpreter) => {
            println!("{}", interpreter.description());
            Some(interpreter)
        }
        Err(error @ (CodeError::Unsandboxed { .. } | CodeError::NoInterpreter { .. })) => {
            println!("SKIPPED: this system has no sandbox to attack: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn python_holds() {
    holds(Engine::Python).await;
}

#[tokio::test]
async fn monty_holds() {
    holds(Engine::Monty).await;
}

async fn holds(engine: Engine) {
    let _one = ONE.lock().await;
    let Some(interpreter) = interpreter(engine).await else { return };
    let host = Host::new();
    let failures: Vec<String> = futures::stream::iter(ATTACKS)
        .map(|attack| check(&interpreter, &host, attack))
        .buffer_unordered(4)
        .filter_map(async |failure| failure)
        .collect()
        .await;
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let traces = host.traces();
    assert!(traces.is_empty(), "{traces:?}");
    assert_eq!(processes(), Vec::<String>::new());
    assert_eq!(folders(), host.before);
}

/// Runs an attack, and says what is wrong with how it went.
async fn check(interpreter: &Interpreter, host: &Host, attack: &Attack) -> Option<String> {
    let execution = match interpreter.run(&host.fill(attack.code)).await {
        Ok(execution) => execution,
        Err(error) => return Some(format!("{}: {error}", attack.name)),
    };
    let Execution { outcome, stdout, stderr, value, elapsed, .. } = &execution;
    let said = format!("{}{}\n{value:?}", stdout.text, stderr.text.trim_end());
    let last = said.trim_end().lines().rev().nth(1).unwrap_or_default();
    println!("{}: {}: {outcome:?} in {elapsed:?}: {last:.120}", interpreter.engine().name(), attack.name);
    let mut complaint = None;
    if stdout.text.contains("BREACH") || said.contains(SECRET) {
        complaint = Some("it got somewhere");
    }
    // The limit, and some time for a busy machine to notice.
    if *elapsed > limits().wall + Duration::from_secs(10) {
        complaint = Some("it was not ended in time");
    }
    if !expected(interpreter.engine(), attack.end, *outcome) {
        complaint = Some("it ended in another way");
    }
    // An attack that is misspelled would be refused too.
    let misspelled = ["NameError", "SyntaxError", "AttributeError", "TypeError", "ModuleNotFoundError"];
    if interpreter.engine() == Engine::Python
        && matches!(attack.end, End::Finishes | End::Reaches(_))
        && misspelled.iter().any(|error| last.starts_with(error))
    {
        complaint = Some("it does not try what it says");
    }
    complaint.map(|why| {
        let said: String = said.chars().take(600).collect();
        format!("{}: {why}: {outcome:?} after {elapsed:?}: {said}", attack.name)
    })
}

fn expected(engine: Engine, end: End, outcome: Outcome) -> bool {
    match (engine, end, outcome) {
        (Engine::Python, End::Finishes, outcome) => matches!(outcome, Outcome::Finished { .. }),
        (Engine::Python, End::Reaches([]), outcome) => matches!(outcome, Outcome::Finished { exit: 1 }),
        (Engine::Python, End::Reaches(bounds), Outcome::Exceeded { bound }) => bounds.contains(&bound),
        (Engine::Python, End::Reaches(_), _) => false,
        (Engine::Python, End::Dies, outcome) => matches!(outcome, Outcome::Killed { .. }),
        // What the embedded interpreter lacks it refuses; what it has it bounds; it never crashes.
        (Engine::Monty, _, outcome) => {
            matches!(outcome, Outcome::Finished { exit: 1 } | Outcome::Exceeded { .. })
                || matches!((end, outcome), (End::Finishes | End::Ends, Outcome::Finished { .. }))
        }
        _ => true,
    }
}

/// The attacks are real: without the sandbox they succeed.
#[tokio::test]
async fn the_same_attacks_succeed_outside() {
    let _one = ONE.lock().await;
    let host = Host::new();
    let folder = tempfile::tempdir().expect("a folder");
    let mut tried = 0;
    for attack in ATTACKS.iter().filter(|attack| attack.is_harmless) {
        let mut python = Command::new("python3");
        python.args(["-I", "-c", &host.fill(attack.code)]).current_dir(folder.path());
        let output = match python.output() {
            Ok(output) => output,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                println!("SKIPPED: there is no python3");
                return;
            }
            Err(error) => panic!("{error}"),
        };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("BREACH"), "{}: {said} {}", attack.name, String::from_utf8_lossy(&output.stderr));
        tried += 1;
    }
    assert!(tried >= 20, "{tried}");
    let traces = host.traces();
    assert!(traces.len() >= 5, "what is looked for is seen where it happens: {traces:?}");
}

/// What does not fit in a row: code that is itself out of bounds.
#[tokio::test]
async fn monstrous_sources_are_refused() {
    let _one = ONE.lock().await;
    for engine in [Engine::Python, Engine::Monty] {
        let Some(interpreter) = interpreter(engine).await else { continue };
        let source = |bound| Outcome::Exceeded { bound };
        let cases = [
            ("ten megabytes", "x".repeat(10 << 20), Some(source(Bound::Source))),
            ("a null byte", "x = 1\0".to_owned(), None),
            ("deep brackets", "(".repeat(100_000) + &")".repeat(100_000), None),
            ("deep minus signs", "-".repeat(500_000) + "1", None),
            ("deep attributes", format!("x{}", ".x".repeat(200_000)), None),
            ("deep blocks", (0..1_000).map(|at| format!("{}if 1:\n", " ".repeat(at))).collect(), None),
            ("a chain of sums", format!("1{}", "+1".repeat(200_000)), None),
            ("a long number", "9".repeat(900_000), None),
            ("lone surrogates", "'\\ud800'".to_owned(), None),
        ];
        for (name, code, outcome) in cases {
            let execution = interpreter.run(&code).await.expect("it can be run");
            println!("{} {name}: {:?} in {:?}", engine.name(), execution.outcome, execution.elapsed);
            if let Some(outcome) = outcome {
                assert_eq!(execution.outcome, outcome, "{name}");
            }
        }
        let after = interpreter.run("1 + 1").await.expect("it can be run");
        assert_eq!(after.value.as_deref(), Some("2"));
    }
}
