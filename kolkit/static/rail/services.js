// What our server offers besides the page: saved scenarios, downloads. Elsewhere (plain Voila, a
// notebook) `SERVER.api` is missing and what needs it is not shown.
class Refusal extends Error {
  constructor(message, status, body) {
    super(message);
    Object.assign(this, { status, body });
  }
}

// Inside a Jupyter server a request carries the token of its cookie back.
function ownHeaders() {
  const token = document.cookie.match(/(?:^|;\s*)_xsrf=([^;]*)/)?.[1];
  return token ? { "X-XSRFToken": decodeURIComponent(token) } : {};
}

async function ask(path, { method = "GET", body, type = "application/json", headers = {}, language, raw = false } = {}) {
  let answer;
  try {
    answer = await fetch(SERVER.api + path, {
      method,
      headers: { ...(body === undefined ? {} : { "Content-Type": type }), "X-Kolkit-Language": language ?? "en",
        ...ownHeaders(), ...headers },
      body: body === undefined || type !== "application/json" ? body : JSON.stringify(body),
      credentials: "same-origin",
    });
  } catch {
    throw new Refusal("", 0, {});
  }
  if (raw && answer.ok) return answer;
  const told = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(told.message ?? `${answer.status}`, answer.status, told);
  return told;
}
