//! The node's own account, where it can be asked.

use clap::Args;
use clearway_loadgen::Error;
use clearway_loadgen::node::Door;

#[derive(Debug, Args)]
pub(crate) struct AdminArguments {
    /// Operator's door of the switch, as http://127.0.0.1:9209: asked where payments' time and CPU go
    #[arg(long, value_name = "URL")]
    admin: Option<String>,
}

impl AdminArguments {
    /// The door, where one was given.
    pub(crate) fn door(&self) -> Result<Option<Door>, Error> {
        self.admin.as_deref().map(Door::new).transpose()
    }
}
