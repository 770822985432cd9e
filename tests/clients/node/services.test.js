import assert from "node:assert/strict";
import { test } from "node:test";
import { all, apim, group, refused } from "./system.js";

const client = apim();
const name = "node-service";
const body = { location: "westeurope", sku: { name: "Developer", capacity: 1 }, publisherEmail: "a@b.example", publisherName: "Node" };

test("a service is made, deleted, restored, deleted and purged", async () => {
  const made = await client.apiManagementService.beginCreateOrUpdateAndWait(group, name, body);
  await client.namedValue.beginCreateOrUpdateAndWait(group, name, "kept", { displayName: "kept", value: "secret", secret: true });
  await client.apiManagementService.beginDeleteAndWait(group, name);
  await assert.rejects(() => client.apiManagementService.get(group, name), refused(404, "ResourceNotFound"));

  const deleted = await client.deletedServices.getByName(name, "westeurope");
  assert.equal(deleted.serviceId, made.id);
  assert.equal(deleted.location, "westeurope");
  assert.equal(deleted.scheduledPurgeDate - deleted.deletionDate, 48 * 3600 * 1000);
  assert.ok((await all(client.deletedServices.listBySubscription())).some((item) => item.name === name));
  await assert.rejects(() => client.apiManagementService.beginCreateOrUpdateAndWait(group, name, body), refused(409, "ServiceAlreadyExistsInSoftDeletedState"));

  const restored = await client.apiManagementService.beginCreateOrUpdateAndWait(group, name, { ...body, publisherName: "ignored", restore: true });
  assert.equal(restored.publisherName, "Node");
  assert.equal((await client.namedValue.listValue(group, name, "kept")).value, "secret");

  await client.apiManagementService.beginDeleteAndWait(group, name);
  await client.deletedServices.beginPurgeAndWait(name, "westeurope");
  await assert.rejects(() => client.deletedServices.getByName(name, "westeurope"), refused(404, "ResourceNotFound"));
});

test("lists by tags", async () => {
  await client.tag.createOrUpdate(group, process.env.SERVICE_NAME, "node-tag", { displayName: "Node" });
  await client.tag.assignToApi(group, process.env.SERVICE_NAME, "orders", "node-tag");
  const tagged = await all(client.api.listByTags(group, process.env.SERVICE_NAME, { filter: "tag/name eq 'Node'" }));
  assert.deepEqual(tagged.map((item) => item.api.name), ["Orders"]);
  assert.ok((await all(client.api.listByTags(group, process.env.SERVICE_NAME, { includeNotTaggedApis: true }))).length >= 1);
  assert.deepEqual((await all(client.api.listByService(group, process.env.SERVICE_NAME, { tags: "node-tag" }))).map((item) => item.name), ["orders"]);
  assert.ok((await all(client.product.listByService(group, process.env.SERVICE_NAME, { expandGroups: true }))).length >= 1);
  await client.tag.delete(group, process.env.SERVICE_NAME, "node-tag", "*");
});
