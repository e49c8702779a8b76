/** The part of the HTTP API the simulator needs; it is a client like any other. */
export interface ApiClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  put<T>(path: string, body: unknown): Promise<T>;
  patch<T>(path: string, body: unknown): Promise<T>;
  delete<T>(path: string): Promise<T>;
}

export class ApiError extends Error {
  readonly status: number;
  constructor(method: string, path: string, status: number, text: string) {
    super(`${method} ${path} → ${status}: ${text.slice(0, 500)}`);
    this.status = status;
  }
}

/** Logs in; the first password is changed when the gateway asks for it. */
export async function login(
  base: string,
  username: string,
  password: string,
  nextPassword: string,
): Promise<ApiClient> {
  const call = async <T>(token: string | undefined, method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${base}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new ApiError(method, path, response.status, text);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  const open = (secret: string) =>
    call<{ token: string; mustChangePassword: boolean }>(undefined, 'POST', '/sessions', {
      username,
      password: secret,
    });
  let session = await open(password).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 401) return open(nextPassword);
    throw error;
  });
  if (session.mustChangePassword) {
    await call(session.token, 'POST', '/users/me/password', { currentPassword: password, newPassword: nextPassword });
    session = await open(nextPassword);
  }
  const { token } = session;
  return {
    get: (path) => call(token, 'GET', path),
    post: (path, body) => call(token, 'POST', path, body),
    put: (path, body) => call(token, 'PUT', path, body),
    patch: (path, body) => call(token, 'PATCH', path, body),
    delete: (path) => call(token, 'DELETE', path),
  };
}
