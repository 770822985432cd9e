import assert from "node:assert/strict";
import { test } from "node:test";
import { all, apim, group, refused, service, serviceId } from "./system.js";

const client = apim();

test("a gateway, its keys and its token", async () => {
  const made = await client.gateway.createOrUpdate(group, service, "node-gateway", { description: "made", locationData: { name: "here", city: "Delft" } });
  assert.equal(made.type, "Microsoft.ApiManagement/service/gateways");
  assert.equal(made.id, `${serviceId}/gateways/node-gateway`);
  const read = await client.gateway.get(group, service, "node-gateway");
  assert.equal(read.locationData.city, "Delft");
  assert.equal(read.eTag, (await client.gateway.getEntityTag(group, service, "node-gateway")).eTag);
  assert.match(read.eTag, /^"[^"]+"$/);
  await assert.rejects(() => client.gateway.update(group, service, "node-gateway", '"AAAAAAAAAAA="', { description: "stale" }), refused(412, "PreconditionFailed"));
  assert.equal((await client.gateway.update(group, service, "node-gateway", read.eTag, { description: "changed" })).description, "changed");
  assert.ok((await all(client.gateway.listByService(group, service, { top: 1 }))).some((item) => item.name === "node-gateway"));

  const keys = await client.gateway.listKeys(group, service, "node-gateway");
  const expiry = new Date(Date.now() + 7 * 24 * 3600 * 1000);
  const token = await client.gateway.generateToken(group, service, "node-gateway", { keyType: "primary", expiry });
  assert.match(token.value, /^node-gateway&\d{12}&[A-Za-z0-9+/]+=*$/);
  const configuration = (value) => fetch(`${process.env.CONFIGURATION_ENDPOINT}/gateways/node-gateway/snapshot`, { headers: { authorization: `GatewayKey ${value}` } });
  assert.equal((await configuration(token.value)).status, 200);
  await client.gateway.regenerateKey(group, service, "node-gateway", { keyType: "primary" });
  const renewed = await client.gateway.listKeys(group, service, "node-gateway");
  assert.notEqual(renewed.primary, keys.primary);
  assert.equal(renewed.secondary, keys.secondary);
  assert.equal((await configuration(token.value)).status, 401, "a new key voids the tokens of the old one");
  await assert.rejects(
    () => client.gateway.generateToken(group, service, "node-gateway", { keyType: "primary", expiry: new Date(Date.now() + 31 * 24 * 3600 * 1000) }),
    refused(400, "30 days"));
  await client.gateway.delete(group, service, "node-gateway", "*");
  await assert.rejects(() => client.gateway.getEntityTag(group, service, "node-gateway"), (error) => error.statusCode === 404);
});

test("which APIs a gateway has", async () => {
  await client.gateway.createOrUpdate(group, service, "node-edge", { locationData: { name: "here" } });
  await client.api.beginCreateOrUpdateAndWait(group, service, "node-edge", { path: "node-edge", displayName: "Edge", protocols: ["https"] });
  await assert.rejects(() => client.gatewayApi.getEntityTag(group, service, "node-edge", "node-edge"), (error) => error.statusCode === 404);
  const associated = await client.gatewayApi.createOrUpdate(group, service, "node-edge", "node-edge", { parameters: { provisioningState: "created" } });
  assert.equal(associated.id, `${serviceId}/gateways/node-edge/apis/node-edge`);
  await client.gatewayApi.getEntityTag(group, service, "node-edge", "node-edge");
  assert.deepEqual((await all(client.gatewayApi.listByService(group, service, "node-edge"))).map((item) => item.name), ["node-edge"]);
  await client.gatewayApi.delete(group, service, "node-edge", "node-edge");
  assert.deepEqual(await all(client.gatewayApi.listByService(group, service, "node-edge")), []);
  await client.gateway.delete(group, service, "node-edge", "*");
  await client.api.beginDeleteAndWait(group, service, "node-edge", "*");
});
