/**
 * Which objects an actor may see at all. It is applied inside the SQL of every list and get, so a foreign id and an
 * unknown id answer alike. `orgs` reaches the whole subtree under each organisation named,
 * of devices and tickets only those of the modules named (absent = of every module and of none).
 */
export type Scope =
  | { readonly kind: 'all' }
  | { readonly kind: 'orgs'; readonly orgIds: readonly string[]; readonly moduleIds?: readonly string[] }
  | { readonly kind: 'vendor'; readonly vendorId: string };

/** `me` in the place of a vendor's id is the vendor that asks; no vendor can be called that. */
export function vendorNamed(scope: Scope, id: string): string {
  return id === 'me' && scope.kind === 'vendor' ? scope.vendorId : id;
}
