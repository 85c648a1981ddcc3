const TOKEN = 'ledger-token';

/** What the API answered instead of a result, or why it did not answer. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 = no answer
   * @param {object} body as the API's errors are
   */
  constructor(status, body) {
    super(body.message);
    this.status = status;
    this.code = body.code;
    this.detail = (body.validations ?? []).map((found) => `${found.field}: ${found.detail}`).join('; ') || body.detail;
    if (status === 401) { // The API's own words are for whoever writes a client.
      this.message = token() ? 'The ledger does not know this token.' : 'The ledger wants a token.';
      this.detail = '';
    }
  }

  /** Whether another token may help. */
  get wantsToken() {
    return this.status === 401 || this.status === 403;
  }
}

let askForToken = async () => false;
let asking = null;
let declined = false;

/** Who asks the reader for a token: gets the error, and resolves to whether there is another token now. */
export function onTokenWanted(ask) {
  askForToken = ask;
}

export function token() {
  return sessionStorage.getItem(TOKEN) ?? '';
}

/** Kept until the tab is closed; empty = none. */
export function setToken(value) {
  declined = false;
  sessionStorage.setItem(TOKEN, value);
  dispatchEvent(new Event('ledger-token'));
}

/** The headers that show the token. */
export function authorisation() {
  return token() ? { Authorization: `Bearer ${token()}` } : {};
}

/** Asks the reader once, however many requests were refused; who has declined is asked again only for what he does. */
export async function obtainToken(error, insist) {
  if (declined && !insist) {
    return false;
  }
  asking ??= askForToken(error).finally(() => (asking = null));
  const granted = await asking;
  declined = !granted;
  return granted;
}

/** The error that an answer is. */
export async function errorOf(response) {
  const body = await response.json().catch(() => ({ message: `The ledger answered with ${response.status}.` }));
  return new ApiError(response.status, body);
}

async function request(method, path, body) {
  if (/\/\.\.?(\/|$)/.test(path)) {
    const detail = 'Browsers take it out of an address, however it is written. Ask the HTTP API by other means.';
    throw new ApiError(0, { message: 'This page cannot ask about an id that is . or ..', detail });
  }
  const headers = authorisation();
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  let response;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: 'no-store' });
  } catch (cause) {
    throw new ApiError(0, { message: 'The ledger does not answer.', detail: cause.message });
  }
  if (response.ok) {
    return response.json();
  }
  const error = await errorOf(response);
  if (error.wantsToken && (await obtainToken(error, method !== 'GET'))) {
    return request(method, path, body);
  }
  throw error;
}

const id = encodeURIComponent;

export const getTrees = (sort, limit) => request('GET', `v1/trees?sort=${sort}&limit=${limit}`);
export const getSpend = (chatId) => request('GET', `v1/chats/${id(chatId)}/spend`);
export const getTimeline = (chatId) => request('GET', `v1/chats/${id(chatId)}/timeline`);
export const getExplanation = (chatId) => request('GET', `v1/chats/${id(chatId)}/explain`);
export const getAccount = (accountId) => request('GET', `v1/accounts/${id(accountId)}/spend`);
export const getInstances = () => request('GET', 'v1/instances');
export const setLimit = (root, limit) => request('PUT', `v1/chats/${id(root)}/limit`, limit);
export const removeLimit = (root) => request('DELETE', `v1/chats/${id(root)}/limit`);
export const freeze = (root, why) => request('PUT', `v1/chats/${id(root)}/freeze`, why);
export const unfreeze = (root) => request('DELETE', `v1/chats/${id(root)}/freeze`);
export const setAccountLimit = (account, limit) => request('PUT', `v1/limits/accounts/${id(account)}`, limit);
export const removeAccountLimit = (account) => request('DELETE', `v1/limits/accounts/${id(account)}`);

/** A page of the chats of a tree. */
export function getChats(chatId, pageToken) {
  const next = pageToken ? `&page_token=${id(pageToken)}` : '';
  return request('GET', `v1/chats/${id(chatId)}/spend?breakdown=true&page_size=1000${next}`);
}
