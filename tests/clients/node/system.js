// How the packages are pointed at a running system: nothing but their documented options, from connection.env's variables.
import { ApiManagementClient } from "@azure/arm-apimanagement";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import { ClientSecretCredential } from "@azure/identity";

const env = process.env;

export const tenant = env.AZURE_TENANT_ID;
export const subscription = env.AZURE_SUBSCRIPTION_ID;
export const group = env.RESOURCE_GROUP;
export const service = env.SERVICE_NAME;
export const serviceId = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ApiManagement/service/${service}`;

export const identityOptions = { authorityHost: env.AZURE_AUTHORITY_HOST, disableInstanceDiscovery: true };

const armOptions = { endpoint: env.ARM_ENDPOINT, $host: env.ARM_ENDPOINT, credentialScopes: `${env.ARM_ENDPOINT}/.default` };

export const operator = new ClientSecretCredential(tenant, env.AZURE_CLIENT_ID, env.AZURE_CLIENT_SECRET, identityOptions);

export const armScope = armOptions.credentialScopes;

export const apim = (credential = operator) => new ApiManagementClient(credential, subscription, armOptions);

export const authorization = (credential = operator) => new AuthorizationManagementClient(credential, subscription, armOptions);

/** Everything of a paged list. */
export async function all(pages) {
  const items = [];
  for await (const item of pages) {
    items.push(item);
  }

  return items;
}

/** A header of the answer, beside what the call returns. */
export async function withAnswer(call) {
  let answer;
  const value = await call({ onResponse: (response) => (answer = response) });
  return { value, answer };
}

/** Whether a call was refused with this status, and with these words in its error's message or details. */
export const refused = (status, words) => (error) => error.statusCode === status && error.response.bodyAsText.includes(words);
