import { Problem, problemOf } from '../api/problem.ts';
import { language } from '../language.ts';

/** Gives bytes to the reader as a file. */
export function hand(data: Blob, name: string): void {
  const address = URL.createObjectURL(data);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the address when it begins to save, which is not at once.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Fetches a file of the gateway and saves it under the name the gateway gives it; refusals are thrown. Waits as long as it takes. */
export async function saveFile(address: string, signal?: AbortSignal): Promise<void> {
  const response = await fetch(address, {
    headers: { 'accept-language': language() },
    credentials: 'same-origin',
    cache: 'no-store',
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw await problemOf(response);
  const said = response.headers.get('content-disposition') ?? '';
  // The name in any script, where there is one (RFC 5987), before the plain one.
  const local = /filename\*=UTF-8''([^;]+)/i.exec(said)?.[1];
  const named = local === undefined ? /filename="([^"]+)"/.exec(said)?.[1] : decodeURIComponent(local);
  hand(await response.blob(), named ?? address.split('/').at(-1) ?? 'file');
}

/** Sends a file as the body of a request; tells how much of it has left, 0 to 1. */
export function sendFile(
  address: string,
  file: File,
  { type, sent, signal }: { type: string; sent: (share: number) => void; signal?: AbortSignal },
): Promise<unknown> {
  // `fetch` does not say how far an upload is.
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open('POST', address);
    request.setRequestHeader('content-type', type);
    request.setRequestHeader('accept-language', language());
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => sent(total === 0 ? 0 : loaded / total);
    request.onload = () => {
      const body: unknown = request.response;
      if (request.status < 400) return done(body);
      const said = typeof body === 'object' && body !== null ? body : {};
      fail(new Problem(request.status, { ...said }));
    };
    request.onerror = () => fail(new Error('no answer'));
    request.onabort = () => fail(new DOMException('aborted', 'AbortError'));
    signal?.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
