import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { all, authorization, group, refused, serviceId, subscription } from "./system.js";

const client = authorization();
const scope = `/subscriptions/${subscription}/resourceGroups/${group}`;

test("a role is defined and assigned, and both are found again", async () => {
  const roleName = "Node configuration reader";
  const definition = await client.roleDefinitions.createOrUpdate(scope, randomUUID(), {
    roleName,
    description: "made by a test",
    roleType: "CustomRole",
    permissions: [{ actions: [], notActions: [], dataActions: ["Microsoft.ApiManagement/service/gateways/getConfiguration/action"], notDataActions: [] }],
    assignableScopes: [scope],
  });
  assert.equal(definition.roleType, "CustomRole");
  assert.deepEqual((await all(client.roleDefinitions.list(scope, { filter: `roleName eq '${roleName}'` }))).map((item) => item.name), [definition.name]);
  assert.ok((await all(client.roleDefinitions.list(scope))).some((item) => item.roleName === "Owner"));

  const name = randomUUID();
  const parameters = { roleDefinitionId: definition.id, principalId: process.env.APP_PRINCIPAL, principalType: "ServicePrincipal" };
  // The package puts a slash before the scope, so that this address begins with two of them.
  const made = await client.roleAssignments.create(serviceId, name, parameters);
  assert.equal(made.principalId, process.env.APP_PRINCIPAL);
  assert.equal(made.scope, serviceId);
  await assert.rejects(() => client.roleAssignments.create(serviceId, randomUUID(), parameters), refused(409, "RoleAssignmentExists"));
  assert.equal((await client.roleAssignments.get(serviceId, name)).id, made.id);
  assert.equal((await client.roleAssignments.getById(made.id)).name, name);
  assert.ok((await all(client.roleAssignments.listForScope(serviceId, { filter: `principalId eq '${process.env.APP_PRINCIPAL}'` }))).some((item) => item.name === name));
  assert.ok((await all(client.roleAssignments.listForSubscription())).some((item) => item.name === name));
  assert.ok((await all(client.permissions.listForResourceGroup(group))).length > 0);
  await assert.rejects(() => client.roleDefinitions.delete(scope, definition.name), refused(400, "RoleDefinitionHasAssignments"));
  assert.equal((await client.roleAssignments.delete(serviceId, name)).name, name);
  await client.roleDefinitions.delete(scope, definition.name);
});
