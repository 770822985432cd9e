"""Debian's azure-cli 2.45.0 with two defects of its packaging mended: it comes with newer management libraries than it was written for.

Without this, `role definition list` and `role assignment *` stop before they send anything, and so do `apim nv create` and others.
Nothing about addresses, tokens, requests or answers is touched.
"""
import runpy

from azure.mgmt.apimanagement import _serialization
from azure.mgmt.authorization.v2018_01_01_preview.operations import RoleDefinitionsOperations
from azure.mgmt.authorization.v2020_04_01_preview.operations import RoleAssignmentsOperations

# The newer libraries keep the subscription in _config.
for operations in (RoleDefinitionsOperations, RoleAssignmentsOperations):
    operations.config = property(lambda self: self._config)

# The newer library asks its own serializer for XML and then wants to send that as JSON.
body = _serialization.Serializer.body
_serialization.Serializer.body = lambda self, data, data_type, **options: body(self, data, data_type, **{**options, "is_xml": False})

runpy.run_module("azure.cli")
