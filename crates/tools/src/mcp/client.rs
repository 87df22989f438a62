//! Calls the tools of a server.

use std::collections::BTreeMap;
use std::fmt;
use std::process::Stdio;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_trajectory::{CallStatus, ToolSpec};
use rmcp::model::CallToolRequestParams;
use rmcp::service::{RunningService, ServiceError};
use rmcp::transport::TokioChildProcess;
use rmcp::{RoleClient, ServiceExt};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::process::Command;

use super::{McpError, carried};
use crate::{Observation, Tool, ToolError};

/// The most tools that a server may have.
const MAX_TOOLS: usize = 1_000;

/// The program of a server, started as it is said here: with this environment and no other.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct McpCommand {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its environment, to which `PATH` and `HOME` are added where it does not name them. Secrets that a server needs go
    /// in here; they are shown nowhere.
    pub environment: BTreeMap<String, String>,
}

impl McpCommand {
    /// A program with arguments.
    pub fn new<T: Into<String>>(program: impl Into<String>, arguments: impl IntoIterator<Item = T>) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            environment: BTreeMap::new(),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_clear().stderr(Stdio::inherit()).kill_on_drop(true);
        for name in ["PATH", "HOME"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.envs(&self.environment);
        command
    }
}

impl fmt::Debug for McpCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpCommand")
            .field("program", &self.program)
            .field("arguments", &self.arguments)
            .field("environment", &self.environment.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// A server whose tools can be called. Its program ends when this and all of its tools are dropped.
#[derive(Debug)]
pub struct McpServer {
    connection: Arc<Connection>,
}

struct Connection {
    peer: String,
    service: RunningService<RoleClient, ()>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl McpServer {
    /// Starts the program of a server and comes to terms with it.
    ///
    /// # Errors
    ///
    /// When the program cannot be started, or does not speak the protocol.
    pub async fn start(command: &McpCommand) -> Result<Self, McpError> {
        let transport = TokioChildProcess::new(command.command())
            .map_err(|source| McpError::Start { program: command.program.clone(), source })?;
        let peer = command.program.clone();
        let service = ().serve(transport).await.map_err(|error| broken(&peer, &error.to_string()))?;
        Ok(Self { connection: Arc::new(Connection { peer, service }) })
    }

    /// Comes to terms with a server over any pair of streams.
    ///
    /// # Errors
    ///
    /// When the other side does not speak the protocol.
    pub async fn connect(
        input: impl AsyncRead + Send + Unpin + 'static,
        output: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Result<Self, McpError> {
        let peer = "the server".to_owned();
        let service = ().serve((input, output)).await.map_err(|error| broken(&peer, &error.to_string()))?;
        Ok(Self { connection: Arc::new(Connection { peer, service }) })
    }

    /// The tools of the server, as tools of ours.
    ///
    /// # Errors
    ///
    /// When the server breaks off, or has too many.
    pub async fn tools(&self) -> Result<Vec<Box<dyn Tool>>, McpError> {
        let peer = &self.connection.peer;
        let listed =
            self.connection.service.list_all_tools().await.map_err(|error| broken(peer, &error.to_string()))?;
        if listed.len() > MAX_TOOLS {
            return Err(broken(peer, &format!("it has {} tools; {MAX_TOOLS} are the most", listed.len())));
        }
        let tool = |listed: rmcp::model::Tool| {
            let schema = Value::Object(listed.input_schema.as_ref().clone());
            let spec = ToolSpec::new(listed.name, listed.description.unwrap_or_default(), schema);
            Box::new(RemoteTool { spec, connection: self.connection.clone() }) as Box<dyn Tool>
        };
        Ok(listed.into_iter().map(tool).collect())
    }
}

fn broken(peer: &str, reason: &str) -> McpError {
    McpError::Connection { peer: peer.to_owned(), reason: reason.to_owned() }
}

/// A tool of a server.
#[derive(Debug)]
struct RemoteTool {
    spec: ToolSpec,
    connection: Arc<Connection>,
}

#[async_trait]
impl Tool for RemoteTool {
    fn spec(&self) -> ToolSpec {
        self.spec.clone()
    }

    async fn call(&self, arguments: Value) -> Result<Observation, ToolError> {
        let mut asked = CallToolRequestParams::new(self.spec.name.clone());
        asked.arguments = match arguments {
            Value::Object(fields) => Some(fields),
            _ => None,
        };
        match self.connection.service.call_tool(asked).await {
            Ok(result) => Ok(carried::unpack(result)),
            Err(ServiceError::McpError(error)) if error.code.0 == INVALID_PARAMS => {
                Ok(Observation::new(CallStatus::InvalidArguments, error.message))
            }
            Err(error) => Err(ToolError::broken(&self.spec.name, format!("{}: {error}", self.connection.peer))),
        }
    }
}

/// What JSON-RPC says when the arguments are wrong.
const INVALID_PARAMS: i32 = -32602;
