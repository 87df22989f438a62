//! What code can do: values, state, functions of the host, files of its own; and what the host sees when it goes wrong.

#![cfg(all(target_os = "linux", feature = "python", feature = "monty"))]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use offseeker_tools::code::{
    Bound, CodeError, Engine, ExecuteCode, Execution, HostFunction, Interpreter, Limits, Options, Outcome,
};
use offseeker_tools::{Observation, Tool};
use offseeker_trajectory::{CallStatus, ToolSpec};
use serde_json::{Value, json};

const DONE: Outcome = Outcome::Finished { exit: 0 };
const RAISED: Outcome = Outcome::Finished { exit: 1 };

fn options(engine: Engine) -> Options {
    let worker = Some(env!("CARGO_BIN_EXE_offseeker-interpreter").into());
    let limits = Limits { wall: Duration::from_secs(20), memory: 256 << 20, ..Limits::default() };
    Options { engine: Some(engine), worker, limits, ..Options::default() }
}

/// The interpreter, unless this system has none.
async fn with(options: Options) -> Option<Interpreter> {
    match Interpreter::detect(options).await {
        Ok(interpreter) => Some(interpreter),
        Err(error @ (CodeError::Unsandboxed { .. } | CodeError::NoInterpreter { .. })) => {
            println!("SKIPPED: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

async fn both() -> Vec<Interpreter> {
    let mut found = Vec::new();
    for engine in [Engine::Python, Engine::Monty] {
        found.extend(with(options(engine)).await);
    }
    found
}

async fn run(interpreter: &Interpreter, code: &str) -> Execution {
    interpreter.run(code).await.expect("it can be run")
}

#[tokio::test]
async fn code_prints_and_has_a_value() {
    let cases = [
        ("print('hello')", "hello\n", None, DONE),
        ("1 + 1", "", Some("2"), DONE),
        ("x = 3\nx * 2", "", Some("6"), DONE),
        ("print('a', end='')\nNone", "a", None, DONE),
        ("'text'", "", Some("'text'"), DONE),
        ("", "", None, DONE),
        ("# nothing", "", None, DONE),
        ("print('before')\n1 / 0", "before\n", None, RAISED),
        ("print('ä€😀')", "ä€😀\n", None, DONE),
        ("def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\nf(15)", "", Some("610"), DONE),
        ("this is no Python", "", None, RAISED),
    ];
    for interpreter in both().await {
        for (code, stdout, value, outcome) in cases {
            let execution = run(&interpreter, code).await;
            let said = (execution.stdout.text.as_str(), execution.value.as_deref(), execution.outcome);
            assert_eq!(
                said,
                (stdout, value, outcome),
                "{} {code}: {}",
                interpreter.engine().name(),
                execution.stderr.text
            );
        }
        let raised = run(&interpreter, "def f():\n    return [][1]\nf()").await.stderr.text;
        assert!(raised.contains("IndexError") && raised.contains("return [][1]"), "{raised}");
        assert!(!raised.contains("drive"), "no line of ours is shown: {raised}");
    }
}

#[tokio::test]
async fn python_is_a_whole_python() {
    let Some(interpreter) = with(options(Engine::Python)).await else { return };
    let cases = [
        ("import sys; sys.exit(3)", "", Outcome::Finished { exit: 3 }),
        ("import sys; sys.exit('why')", "", RAISED),
        ("import sys; sys.stderr.write('x'); print(len(sys.argv))", "1\n", DONE),
        ("open('f', 'w').write('kept'); print(open('f').read())", "kept\n", DONE),
        (
            "import os; print(sorted(os.environ)[:2], os.getcwd() == os.environ['HOME'])",
            "['HOME', 'LANG'] True\n",
            DONE,
        ),
        ("import shutil; open('f', 'w').write('x'); shutil.copy2('f', 'g'); print(open('g').read())", "x\n", DONE),
        ("import tempfile; f = tempfile.TemporaryFile(); f.write(b'x'); print(f.tell())", "1\n", DONE),
        ("import sqlite3; print(sqlite3.connect('d.db').execute('select 1 + 1').fetchone())", "(2,)\n", DONE),
        ("import asyncio; print(asyncio.run(asyncio.sleep(0.01, 'slept')))", "slept\n", DONE),
        (
            "from concurrent.futures import ThreadPoolExecutor as T\nwith T(4) as t: print(list(t.map(abs, [-1, 2])))",
            "[1, 2]\n",
            DONE,
        ),
        (
            "import threading, time\nthreading.Thread(target=lambda: (time.sleep(.05), print('late'))).start()",
            "late\n",
            DONE,
        ),
        (
            "import datetime, zoneinfo, decimal, random, statistics, csv, json, re, hashlib, zlib\nprint('all')",
            "all\n",
            DONE,
        ),
        (
            "import signal\nsignal.signal(signal.SIGALRM, lambda *_: print('rang')); signal.setitimer(0, .01); signal.pause()",
            "rang\n",
            DONE,
        ),
        (
            "from dataclasses import dataclass\nimport pickle\n@dataclass\nclass A:\n    x: int\nprint(pickle.loads(pickle.dumps(A(1))))",
            "A(x=1)\n",
            DONE,
        ),
        ("try:\n    input()\nexcept EOFError:\n    print('no input')", "no input\n", DONE),
        (
            "import subprocess\ntry:\n    subprocess.run(['ls'])\nexcept OSError as e:\n    print(type(e).__name__)",
            "PermissionError\n",
            DONE,
        ),
    ];
    for (code, stdout, outcome) in cases {
        let execution = run(&interpreter, code).await;
        assert_eq!(
            (execution.stdout.text.as_str(), execution.outcome),
            (stdout, outcome),
            "{code}: {}",
            execution.stderr.text
        );
    }
}

#[tokio::test]
async fn a_session_keeps_variables_until_it_ends_badly() {
    for interpreter in both().await {
        let mut session = interpreter.session();
        let mut next = async |code: &str| session.run(code).await.expect("it can be run");
        let first = next("x = 20\ndef double(n): return 2 * n").await;
        assert!(first.is_fresh && first.state_kept);
        let second = next("double(x) + 2").await;
        assert_eq!((second.value.as_deref(), second.is_fresh), (Some("42"), false));
        let raised = next("y = 1\nx.nothing").await;
        assert_eq!((raised.outcome, raised.state_kept), (RAISED, true));
        assert_eq!(next("x + y").await.value.as_deref(), Some("21"), "what was set before the exception stays");
        let flood = next("while True: print('x' * 10_000)").await;
        assert_eq!((flood.outcome, flood.state_kept), (Outcome::Exceeded { bound: Bound::Output }, false));
        let after = next("x").await;
        assert_eq!((after.outcome, after.is_fresh), (RAISED, true), "{after:?}");
        assert!(after.stderr.text.contains("NameError"), "{}", after.stderr.text);
        let mut other = interpreter.session();
        next("secret = 1").await;
        assert!(other.run("secret").await.expect("it can be run").stderr.text.contains("NameError"));
    }
}

#[tokio::test]
async fn a_session_that_died_between_two_pieces_starts_afresh() {
    let Some(interpreter) = with(options(Engine::Python)).await else { return };
    let mut session = interpreter.session();
    let code = "import os, threading\nthreading.Timer(.05, os._exit, [0]).start()";
    assert!(session.run(code).await.expect("it can be run").state_kept);
    std::thread::sleep(Duration::from_millis(600));
    let after = session.run("1 + 1").await.expect("it can be run");
    assert_eq!((after.value.as_deref(), after.is_fresh), (Some("2"), true));
}

#[tokio::test]
async fn code_calls_functions_of_the_host() {
    let search = HostFunction::new("search", async |call| match call.args.first().and_then(Value::as_str) {
        Some("broken") => Err("the index is gone".to_owned()),
        Some(query) => {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(json!({"query": query, "top": call.kwargs.get("top"), "hits": [1, 2.5, null, true]}))
        }
        None => Err("search needs a query".to_owned()),
    })
    .expect("a name");
    let cases = [
        ("search('orsa')['hits']", Some("[1, 2.5, None, True]"), ""),
        ("search('orsa', top=3)['top']", Some("3"), ""),
        ("sum(len(search(q)['query']) for q in ['a', 'bb', 'ccc'])", Some("6"), ""),
        ("search('broken')", None, "RuntimeError: the index is gone"),
        ("search()", None, "search needs a query"),
        ("try:\n    search('broken')\nexcept RuntimeError as e:\n    x = str(e)\nx", Some("'the index is gone'"), ""),
        ("search(float('nan'))", None, "ValueError"),
    ];
    for interpreter in both().await {
        let interpreter = interpreter.with_functions([search.clone()]);
        for (code, value, complaint) in cases {
            let execution = run(&interpreter, code).await;
            let name = interpreter.engine().name();
            assert_eq!(execution.value.as_deref(), value, "{name} {code}: {}", execution.stderr.text);
            assert!(execution.stderr.text.contains(complaint), "{name} {code}: {}", execution.stderr.text);
        }
        let many = run(&interpreter, "for i in range(1_001): search('x')").await;
        assert_eq!(many.outcome, Outcome::Exceeded { bound: Bound::Calls });
    }
}

#[tokio::test]
async fn output_is_cut_in_the_middle() {
    for interpreter in both().await {
        let execution = run(&interpreter, "print('a' * 30_000 + 'z' * 30_000)").await;
        assert_eq!(execution.stdout.cut, 40_001);
        let text = execution.stdout.text;
        assert!(
            text.starts_with("aaa")
                && text.ends_with("zz\n")
                && text.contains("[... 40001 characters are left out here ...]")
        );
        assert!(text.chars().count() < 20_100);
        assert_eq!(run(&interpreter, "'v' * 10_000").await.value.map(|value| value.len()), Some(4_000));
    }
}

/// Processes in the folder of a guest, by the name of a file there.
fn living(mark: &str) -> usize {
    let folders = std::fs::read_dir("/proc").expect("there").flatten().map(|entry| entry.path().join("cwd"));
    folders.filter(|folder| folder.join(mark).exists()).count()
}

#[tokio::test]
async fn code_that_nobody_waits_for_is_killed() {
    let Some(interpreter) = with(options(Engine::Python)).await else { return };
    let mark = format!("mark-{}", std::process::id());
    let code = format!("open('{mark}', 'w').close()\nwhile True: pass");
    let given_up = tokio::time::timeout(Duration::from_secs(2), interpreter.run(&code)).await;
    assert!(given_up.is_err(), "it was given up");
    let since = Instant::now();
    while living(&mark) > 0 {
        assert!(since.elapsed() < Duration::from_secs(15), "it is still there");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn many_run_at_once() {
    for interpreter in both().await {
        let runs = (0..12).map(|at| {
            let interpreter = interpreter.clone();
            async move { run(&interpreter, &format!("{at} * 2")).await.value }
        });
        let expected: Vec<_> = (0..12).map(|at| Some((at * 2).to_string())).collect();
        assert_eq!(futures::future::join_all(runs).await, expected);
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let nowhere =
        Options { engine: Some(Engine::Python), python: Some("/nowhere/python3".into()), ..Options::default() };
    let error = Interpreter::detect(nowhere).await.expect_err("nothing is there");
    assert!(matches!(&error, CodeError::NoInterpreter { tried } if tried.contains("/nowhere/python3")), "{error}");
    let no_python = Options { engine: Some(Engine::Python), python: Some("/bin/true".into()), ..Options::default() };
    let error = Interpreter::detect(no_python).await.expect_err("it is no Python");
    assert!(error.to_string().contains("is no Python"), "{error}");
    let nowhere = Options { engine: Some(Engine::Monty), worker: Some("/nowhere/worker".into()), ..Options::default() };
    let error = Interpreter::detect(nowhere).await.expect_err("nothing is there");
    assert!(error.to_string().contains("serve_if_guest"), "{error}");
    let silent = Options { engine: Some(Engine::Monty), worker: Some("/bin/true".into()), ..Options::default() };
    let error = Interpreter::detect(silent).await.expect_err("it does not serve");
    assert!(matches!(error, CodeError::Broken { .. }), "{error}");
}

#[tokio::test]
async fn the_embedded_interpreter_takes_the_place_of_a_python_that_is_missing() {
    let options = Options { engine: None, python: Some("/nowhere/python3".into()), ..options(Engine::Monty) };
    let interpreter = Interpreter::detect(options).await.expect("one is there");
    assert_eq!(interpreter.engine(), Engine::Monty);
    // Beside the test's executable, or in the folder above it, lies the one that was built with it.
    let found = Interpreter::detect(Options { engine: Some(Engine::Monty), ..Options::default() }).await;
    assert_eq!(run(&found.expect("it is found"), "1").await.value.as_deref(), Some("1"));
    assert!(Path::new(env!("CARGO_BIN_EXE_offseeker-interpreter")).exists());
}

async fn call(tool: &ExecuteCode, arguments: Value) -> Observation {
    tool.call(arguments).await.expect("the sandbox works")
}

#[tokio::test]
async fn a_model_runs_code() {
    let cases = [
        (json!({"code": "print('hi')"}), CallStatus::Ok, "stdout:\nhi"),
        (json!({"code": "1 + 1"}), CallStatus::Ok, "value:\n2"),
        (json!({"code": "print('hi')\n1 + 1"}), CallStatus::Ok, "stdout:\nhi\nvalue:\n2"),
        (json!({"code": "x = 1"}), CallStatus::Ok, "[Finished without output]"),
        (json!({"code": "1 / 0"}), CallStatus::Ok, "[Exit status 1]"),
        (
            json!({"code": "while True: pass"}),
            CallStatus::Timeout,
            "[Stopped: it used more than 1 s of processor time]",
        ),
        (json!({"code": "x = 'y' * 10**12"}), CallStatus::Blocked, "[Stopped: it used more than 256 MiB of memory]"),
        (json!({"code": "x".repeat(2 << 20)}), CallStatus::InvalidArguments, "was not run]"),
        (json!({"code": 3}), CallStatus::InvalidArguments, "[Error] `code` is missing, or is no string."),
        (json!({}), CallStatus::InvalidArguments, "[Error] `code` is missing, or is no string."),
    ];
    for engine in [Engine::Python, Engine::Monty] {
        let mut options = options(engine);
        options.limits.cpu = Duration::from_secs(1);
        let Some(interpreter) = with(options).await else { continue };
        let tool = ExecuteCode::new(interpreter);
        for (arguments, status, text) in &cases {
            let observation = call(&tool, arguments.clone()).await;
            assert_eq!(observation.status, *status, "{}", observation.text);
            assert!(observation.text.ends_with(text), "{text:?} is not the end of {:?}", observation.text);
        }
    }
}

#[tokio::test]
async fn a_model_may_keep_variables() {
    for interpreter in both().await {
        let tool = ExecuteCode::new(interpreter.clone()).keeping_variables();
        assert_eq!(call(&tool, json!({"code": "x = 1"})).await.status, CallStatus::Ok);
        assert_eq!(call(&tool, json!({"code": "x + 1"})).await.text, "value:\n2");
        let ended = call(&tool, json!({"code": "while True: print('x' * 10_000)"})).await.text;
        assert!(ended.ends_with("[The variables are gone; the next call starts afresh]"), "{ended}");
        let parameters =
            json!({"type": "object", "properties": {"script": {"type": "string"}}, "required": ["script"]});
        let spec = ToolSpec::new("python", "Runs.", parameters);
        let renamed = ExecuteCode::new(interpreter).specified(spec.clone(), "script");
        assert_eq!(renamed.spec(), spec);
        assert_eq!(call(&renamed, json!({"script": "7"})).await.text, "value:\n7");
    }
}

/// A guest does not outlive its host, however the host ends.
#[tokio::test]
async fn a_guest_dies_with_its_host() {
    const ROLE: &str = "OFFSEEKER_TEST_HOST";
    if let Some(mark) = std::env::var_os(ROLE) {
        let Some(interpreter) = with(options(Engine::Python)).await else { return };
        let code = format!("open({mark:?}, 'w').close()\nwhile True: pass");
        let _ = interpreter.run(&code).await;
        return;
    }
    if with(options(Engine::Python)).await.is_none() {
        return;
    }
    let mark = format!("host-{}", std::process::id());
    let own: PathBuf = std::env::current_exe().expect("it runs");
    let mut host = std::process::Command::new(own)
        .args(["--exact", "a_guest_dies_with_its_host"])
        .env(ROLE, &mark)
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    let wait = |alive: bool| {
        let since = Instant::now();
        while (living(&mark) > 0) != alive {
            assert!(since.elapsed() < Duration::from_secs(30), "waiting for the guest to be alive: {alive}");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    wait(true);
    host.kill().expect("it is killed");
    host.wait().expect("it ends");
    wait(false);
    // A host that was killed cannot remove what its guests wrote.
    for folder in std::fs::read_dir(std::env::temp_dir()).expect("there").flatten().map(|entry| entry.path()) {
        if folder.join(&mark).exists() {
            std::fs::remove_dir_all(&folder).expect("removed");
        }
    }
}
