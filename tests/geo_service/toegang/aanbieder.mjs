// A real OpenID provider for the tests, on this machine only. Prints its port; everything is forgotten when it stops.
//
//   POST /beheer/sleutels {"kids": ["rsa-2", …]}  publish these keys and no others; the first of a kind signs
//   POST /beheer/stuk     {"stuk": true}          answer nothing sensible any more
//   GET  /beheer/teller                           how often the keys were asked for
//   GET  /beheer/geheim                           the private keys, to sign what the provider itself never would
//
// Whoever comes to log in picks an account; nobody is asked for a password or for consent.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const API = "https://buurtsignaal.test/api";
const OTHER_API = "https://iets-anders.test/api";
const GM = "GM0153";
const ACCOUNTS = {
  noord: { rol: "wijkregisseur", gemeente: GM, stadsdelen: ["GM0153-SD-noord"], groups: ["wijk-noord", "iedereen"] },
  zuid: { rol: "wijkregisseur", gemeente: GM, stadsdelen: "GM0153-SD-zuid", groups: ["wijk-zuid"] },
  manager: { rol: "stadsdeelmanager", gemeente: GM, stadsdelen: ["alle"], groups: ["wijk-noord", "wijk-zuid"] },
  onderzoeker: { rol: ["offline_access", "onderzoeker"], groups: ["onderzoek"] },
  burgemeester: { rol: "burgemeester", gemeente: GM },
  niemand: {},
  dubbel: { rol: ["beheerder", "onderzoeker"], groups: ["onderzoek", "wijk-noord"] },
  scheef: { rol: "wijkregisseur", gemeente: GM, stadsdelen: ["GM0106-SD-noord"] },
  leeg: { rol: "wijkregisseur", gemeente: GM, stadsdelen: [] },
  "anna@gemeente.test": { rol: "onderzoeker" },
};

function makeKey(kid) {
  const rsa = kid.startsWith("rsa");
  const pair = rsa
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...pair.privateKey.export({ format: "jwk" }), kid, use: "sig", alg: rsa ? "RS256" : "ES256" };
}

const KEYS = Object.fromEntries(["rsa-1", "ec-1", "rsa-2", "ec-2"].map((kid) => [kid, makeKey(kid)]));

function client(id, alg, more = {}) {
  return {
    client_id: id,
    application_type: "native", // any port of this machine may be come back to
    redirect_uris: ["http://127.0.0.1/inloggen/terug"],
    grant_types: ["authorization_code"],
    response_types: ["code"],
    id_token_signed_response_alg: alg,
    ...more,
  };
}

function resource(indicator) {
  const alg = indicator.endsWith("/es256") ? "ES256" : "RS256";
  const audience = indicator.replace("/es256", "");
  return { scope: "lezen", audience, accessTokenFormat: "jwt", accessTokenTTL: 3600, jwt: { sign: { alg } } };
}

async function autoConsent(ctx) {
  const { oidc } = ctx;
  const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
  grant.addOIDCScope("openid");
  for (const indicator of [API, `${API}/es256`, OTHER_API]) grant.addResourceScope(indicator, "lezen");
  await grant.save();
  return grant;
}

function configuration(kids) {
  return {
    jwks: { keys: kids.map((kid) => KEYS[kid]) },
    clients: [
      client("buurtsignaal", "RS256", { client_secret: "geheim-van-de-client:met/tekens" }),
      client("buurtsignaal-es", "ES256", { token_endpoint_auth_method: "none" }),
      client("programma", "RS256", { token_endpoint_auth_method: "none" }),
    ],
    cookies: { keys: ["alleen-voor-de-tests"] },
    claims: { openid: ["sub", "rol", "gemeente", "stadsdelen", "groups"] },
    conformIdTokenClaims: false,
    pkce: { methods: ["S256"], required: () => true },
    findAccount: (_, id) => ACCOUNTS[id] && { accountId: id, claims: () => ({ sub: id, ...ACCOUNTS[id] }) },
    extraTokenClaims: (_, token) => ACCOUNTS[token.accountId],
    loadExistingGrant: autoConsent,
    interactions: { url: (_, interaction) => `/wie/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, indicator) => resource(indicator),
      },
      rpInitiatedLogout: { enabled: true },
    },
    ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 3600, IdToken: 3600, Interaction: 600, Session: 3600 },
  };
}

const state = { provider: null, stuk: false, teller: 0 };

function publish(kids) {
  state.provider = new Provider(state.issuer, configuration(kids));
  state.provider.Client.prototype.postLogoutRedirectUriAllowed = (uri) => uri.startsWith("http://127.0.0.1:");
  state.answer = state.provider.callback();
}

function body(request) {
  return new Promise((resolve) => {
    let text = "";
    request.on("data", (piece) => (text += piece)).on("end", () => resolve(text));
  });
}

async function manage(request, path) {
  if (path === "/beheer/teller") return { teller: state.teller };
  if (path === "/beheer/geheim") return KEYS;
  const asked = JSON.parse(await body(request));
  if (path === "/beheer/sleutels") publish(asked.kids);
  if (path === "/beheer/stuk") state.stuk = asked.stuk;
  return {};
}

async function chooseAccount(request, response) {
  if (request.method === "POST") {
    const account = new URLSearchParams(await body(request)).get("account");
    const result = account ? { login: { accountId: account }, consent: {} } : { error: "access_denied" };
    await state.provider.interactionFinished(request, response, result);
    return;
  }
  const buttons = Object.keys(ACCOUNTS).map((name) => `<button name="account" value="${name}">${name}</button>`);
  response.setHeader("content-type", "text/html");
  response.end(`<!DOCTYPE html><html lang="nl"><title>Aanmelden</title><form method="post">${buttons.join("")}</form>`);
}

const server = createServer(async (request, response) => {
  const path = request.url.split("?")[0];
  try {
    if (path.startsWith("/beheer/")) {
      response.end(JSON.stringify(await manage(request, path)));
    } else if (state.stuk) {
      response.writeHead(502).end("x".repeat(1_000_000));
    } else if (path.startsWith("/wie/")) {
      await chooseAccount(request, response);
    } else {
      if (path === "/jwks") state.teller += 1;
      state.answer(request, response);
    }
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});

server.listen(0, "127.0.0.1", () => {
  state.issuer = `http://127.0.0.1:${server.address().port}`;
  publish(["rsa-1", "ec-1"]);
  console.log(server.address().port);
});
// The tests hold the other end of this line; when they are gone, so is this.
process.stdin.on("end", () => process.exit(0)).resume();
