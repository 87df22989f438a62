//! Serves a toolbox.

use std::sync::Arc;

use offseeker_trajectory::{ToolCall, ToolSpec};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, InitializeResult, ListToolsResult, PaginatedRequestParams,
    ServerCapabilities, Tool as McpTool,
};
use rmcp::service::{RequestContext, ServerInitializeError};
use rmcp::{ErrorData, RoleServer, ServerHandler, ServiceExt};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{McpError, carried};
use crate::Toolbox;

/// Serves a toolbox over the standard input and output of this process, until the other side hangs up. Nothing else may
/// write to the standard output meanwhile.
///
/// # Errors
///
/// When the other side does not speak the protocol, or breaks off.
pub async fn serve_stdio(toolbox: Toolbox) -> Result<(), McpError> {
    serve(toolbox, tokio::io::stdin(), tokio::io::stdout()).await
}

/// Serves a toolbox over any pair of streams, until the other side hangs up.
///
/// # Errors
///
/// When the other side does not speak the protocol, or breaks off.
pub async fn serve(
    toolbox: Toolbox,
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
) -> Result<(), McpError> {
    let broken = |reason: String| McpError::Connection { peer: "the client".to_owned(), reason };
    let service = match (Served { toolbox }).serve((input, output)).await {
        // Who hangs up before saying anything wants nothing.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        begun => begun.map_err(|error| broken(error.to_string()))?,
    };
    service.waiting().await.map_err(|error| broken(error.to_string()))?;
    Ok(())
}

/// A toolbox as the protocol sees it.
struct Served {
    toolbox: Toolbox,
}

impl ServerHandler for Served {
    fn get_info(&self) -> InitializeResult {
        let mut info = InitializeResult::new(ServerCapabilities::builder().enable_tools().build());
        info.server_info = Implementation::new("offseeker", env!("CARGO_PKG_VERSION"));
        info
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.toolbox.specs().iter().map(described).collect()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = Value::Object(request.arguments.unwrap_or_default()).to_string();
        let call = ToolCall::new("", request.name, arguments);
        match self.toolbox.call(&call).await {
            Ok(observation) => Ok(carried::pack(observation).into()),
            Err(error) => Err(ErrorData::internal_error(error.to_string(), None)),
        }
    }
}

fn described(spec: &ToolSpec) -> McpTool {
    let schema = spec.parameters.as_object().cloned().unwrap_or_default();
    McpTool::new(spec.name.clone(), spec.description.clone(), Arc::new(schema))
}
