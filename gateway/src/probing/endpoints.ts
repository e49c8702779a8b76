/** How many targets stand behind one host and port: an answer of the port itself proves none of them alone. */
export interface Endpoints {
  enter(name: string): void;
  leave(name: string): void;
  shared(name: string): boolean;
}

export function createEndpoints(): Endpoints {
  const counts = new Map<string, number>();
  return {
    enter(name) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    },
    leave(name) {
      const left = (counts.get(name) ?? 0) - 1;
      if (left > 0) counts.set(name, left);
      else counts.delete(name);
    },
    shared: (name) => (counts.get(name) ?? 0) > 1,
  };
}
