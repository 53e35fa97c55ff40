//! The signature of the scheme `azure_shared_key`.

use super::check::{Result, VendorCheck};
use crate::scheme::{AzureSettings, Scheme};

const TABLE: &str = "name the storage account, as in azure = { account = \"myaccount\" }";

impl VendorCheck<'_> {
    pub(super) fn azure_shared_key(&self) -> Result<Scheme> {
        let table = self.required("azure", self.entry.azure.as_ref(), TABLE)?;
        let table = table.get_ref();
        let account = &table.account;
        let mut settings = AzureSettings {
            account: account.get_ref().clone(),
            is_table: table.table,
            version: None,
        };
        self.right("azure.account", account, settings.check())?;
        if let Some(version) = &table.version {
            settings.version = Some(version.get_ref().clone());
            self.right("azure.version", version, settings.check())?;
        }
        Ok(Scheme::Azure(Box::new(settings)))
    }
}
