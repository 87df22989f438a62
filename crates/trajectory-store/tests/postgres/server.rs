//! A server of our own in a temporary folder, which listens on a socket there and nowhere else.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tempfile::TempDir;

const SKIPPED: &str = "skipped: no PostgreSQL server programs; install the package `postgresql`";

/// The server that tests of this program share; it ends with the last of them.
static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());

/// A server of our own, stopped and removed when it goes out of scope.
#[derive(Debug)]
pub(crate) struct Server {
    programs: PathBuf,
    folder: TempDir,
    /// The user that it runs as, where we are root: it refuses to run as root.
    user: Option<&'static str>,
}

impl Server {
    /// The server that the tests share; none, and a line that says so, where there can be none.
    pub(crate) fn shared() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let server = match shared.upgrade() {
            Some(server) => server,
            None => Arc::new(Self::start()?),
        };
        *shared = Arc::downgrade(&server);
        Some(server)
    }

    /// A server for one test alone.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            println!("{SKIPPED}");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("offseeker-pg").tempdir_in("/tmp").unwrap();
        let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        let server = Self { programs, folder, user: is_root.then_some("postgres") };
        match server.set_up() {
            Ok(()) => Some(server),
            Err(error) => {
                println!("skipped: the PostgreSQL server cannot be started: {error}");
                None
            }
        }
    }

    fn set_up(&self) -> Result<(), String> {
        let folder = self.folder.path();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
        if let Some(user) = self.user {
            run(Command::new("chown").arg(user).arg(folder))?;
        }
        let data = self.data();
        let make = ["-A", "trust", "--no-sync", "-U", "postgres", "-E", "UTF8", "--locale", "C", "-D"];
        self.run("initdb", make.map(OsStr::new).into_iter().chain([data.as_os_str()]))?;
        let passwords = "local all guarded scram-sha-256\nlocal all all trust\n";
        let settings = format!(
            "listen_addresses = ''\nunix_socket_directories = '{}'\nmax_connections = 200\nlog_min_messages = error\n",
            folder.display()
        );
        // Root may write into the folder of another user.
        fs::write(data.join("pg_hba.conf"), passwords).map_err(|error| error.to_string())?;
        fs::write(data.join("postgresql.auto.conf"), settings).map_err(|error| error.to_string())?;
        self.control(&["start"])
    }

    /// Kills the server and starts it again: it recovers as after a crash.
    pub(crate) fn crash(&self) {
        self.control(&["restart", "-m", "immediate"]).unwrap();
    }

    pub(crate) fn stop(&self) {
        self.control(&["stop", "-m", "immediate"]).unwrap();
    }

    pub(crate) fn go_on(&self) {
        self.control(&["start"]).unwrap();
    }

    /// Where it is reached, with another user or database in the place of the usual ones.
    pub(crate) fn address(&self) -> String {
        self.address_of("postgres", "postgres")
    }

    pub(crate) fn address_of(&self, user: &str, database: &str) -> String {
        format!("host={} user={user} dbname={database}", self.folder.path().display())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn control(&self, what: &[&str]) -> Result<(), String> {
        let (data, log) = (self.data(), self.folder.path().join("log"));
        let rest = [OsStr::new("-w"), OsStr::new("-D"), data.as_os_str(), OsStr::new("-l"), log.as_os_str()];
        self.run("pg_ctl", what.iter().map(OsStr::new).chain(rest))
    }

    fn run<'a>(&self, program: &str, arguments: impl Iterator<Item = &'a OsStr>) -> Result<(), String> {
        let program = self.programs.join(program);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(program);
                command
            }
            None => Command::new(program),
        };
        run(command.args(arguments).current_dir(self.folder.path()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.control(&["stop", "-m", "immediate"]);
    }
}

/// Runs a program to its end, and says what it complained of. The server keeps none of our pipes open.
fn run(command: &mut Command) -> Result<(), String> {
    let complaints = tempfile::tempfile().map_err(|error| error.to_string())?;
    let again = complaints.try_clone().map_err(|error| error.to_string())?;
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(again).status();
    let status = status.map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    let mut text = String::new();
    let mut complaints = complaints;
    std::io::Seek::rewind(&mut complaints).map_err(|error| error.to_string())?;
    std::io::Read::read_to_string(&mut complaints, &mut text).map_err(|error| error.to_string())?;
    Err(format!("{command:?}: {status}: {text}"))
}

/// The folder with the programs of the newest version.
fn programs() -> Option<PathBuf> {
    let has_all = |folder: &Path| ["postgres", "initdb", "pg_ctl"].iter().all(|name| folder.join(name).is_file());
    let on_path = env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort_by_key(|folder| {
        let version = folder.parent().and_then(Path::file_name).and_then(OsStr::to_str);
        std::cmp::Reverse(version.and_then(|version| version.parse::<u32>().ok()))
    });
    let all: Vec<PathBuf> = [versions, on_path].concat();
    all.into_iter().find(|folder| has_all(folder))
}
