import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientAssertionCredential, ClientCertificateCredential, ClientSecretCredential, WorkloadIdentityCredential } from "@azure/identity";
import { apim, armScope, identityOptions, tenant } from "./system.js";

const env = process.env;
const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

test("a secret, a certificate, a workload identity and an assertion name the same principal", async () => {
  for (const credential of [
    new ClientSecretCredential(tenant, env.APP_ID, env.APP_SECRET, identityOptions),
    new ClientCertificateCredential(tenant, env.APP_ID, env.APP_CERTIFICATE, identityOptions),
    new ClientCertificateCredential(tenant, env.APP_ID, { certificatePath: env.APP_CERTIFICATE }, { ...identityOptions, sendCertificateChain: true }),
    new WorkloadIdentityCredential({ ...identityOptions, tenantId: tenant, clientId: env.APP_ID, tokenFilePath: env.APP_TOKEN_FILE }),
    new ClientAssertionCredential(tenant, env.APP_ID, async () => env.APP_TOKEN, identityOptions),
  ]) {
    const token = await credential.getToken(armScope);
    assert.equal(claims(token.token).oid, env.APP_PRINCIPAL);
    assert.equal(claims(token.token).aud, env.ARM_ENDPOINT);
    assert.ok(Math.abs(token.expiresOnTimestamp / 1000 - claims(token.token).exp) < 5);
  }
});

test("a wrong secret is refused with Entra's words", async () => {
  const credential = new ClientSecretCredential(tenant, env.APP_ID, "wrong", identityOptions);
  await assert.rejects(() => credential.getToken(armScope), /AADSTS7000215/);
});

test("who has no role is told which action is missing", async () => {
  const credential = new ClientSecretCredential(tenant, env.APP_ID, env.APP_SECRET, identityOptions);
  await assert.rejects(
    () => apim(credential).apiManagementService.get(env.RESOURCE_GROUP, env.SERVICE_NAME),
    (error) => error.statusCode === 403 && error.code === "AuthorizationFailed" && error.message.includes("Microsoft.ApiManagement/service/read"));
});
