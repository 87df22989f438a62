//! Agents that are made of agents.
//!
//! An [`AgentTool`] puts questions to an agent as a call of another: a browsing agent, a planner with sub-agents. A
//! [`Panel`] makes several attempts at a question side by side and makes one answer of theirs. Both take any
//! [`Researcher`], and a panel is one itself.

mod agent_tool;
mod fusion;
mod panel;
mod record;
mod researcher;

pub use agent_tool::AgentTool;
pub use fusion::Fusion;
pub use panel::Panel;
pub use researcher::Researcher;
