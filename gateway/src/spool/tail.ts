import { decodeGroup } from './codec.ts';
import type { SpoolRecord } from './records.ts';

interface TailGroup {
  readonly first: number;
  readonly count: number;
  readonly key: Buffer;
  readonly value: Buffer;
}

/** The newest groups, for a reader close behind: the very bytes that went to disk, decoded when asked for. */
export interface Tail {
  add(group: TailGroup): void;
  /** Null when memory does not reach back to `after + 1`. */
  read(after: number, limit: number): SpoolRecord[] | null;
  receivedAt(seq: number): number | undefined;
  /** Lets go of groups that are wholly at or below `upTo`. */
  forget(upTo: number): void;
  clear(): void;
}

export function createTail(bound: { records: number; bytes: number }): Tail {
  let groups: TailGroup[] = [];
  let head = 0;
  let records = 0;
  let bytes = 0;
  let decodedFirst = -1;
  let decoded: SpoolRecord[] = [];

  const dropHead = () => {
    const group = groups[head];
    if (!group) return;
    head += 1;
    records -= group.count;
    bytes -= group.value.length;
    if (head > 1_024 && head * 2 > groups.length) {
      groups = groups.slice(head);
      head = 0;
    }
  };

  const decode = (group: TailGroup): SpoolRecord[] => {
    if (group.first !== decodedFirst) {
      decoded = decodeGroup(group.first, group.key, group.value) ?? [];
      decodedFirst = group.first;
    }
    return decoded;
  };

  /** Index of the group holding `seq`, or -1. */
  const find = (seq: number): number => {
    let low = head;
    let high = groups.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const group = groups[middle];
      if (!group) return -1;
      if (seq < group.first) high = middle - 1;
      else if (seq >= group.first + group.count) low = middle + 1;
      else return middle;
    }
    return -1;
  };

  return {
    add(group) {
      groups.push(group);
      records += group.count;
      bytes += group.value.length;
      while (head < groups.length && (records > bound.records || bytes > bound.bytes)) dropHead();
    },
    read(after, limit) {
      let index = find(after + 1);
      if (index < 0) return null;
      const found: SpoolRecord[] = [];
      for (; index < groups.length && found.length < limit; index++) {
        const group = groups[index];
        if (!group) break;
        const skip = Math.max(0, after + 1 - group.first);
        const all = decode(group);
        const end = Math.min(all.length, skip + limit - found.length);
        for (let i = skip; i < end; i++) found.push(all[i] as SpoolRecord);
      }
      return found;
    },
    receivedAt(seq) {
      const group = groups[find(seq)];
      return group && decode(group)[seq - group.first]?.receivedAt;
    },
    forget(upTo) {
      for (let group = groups[head]; group && group.first + group.count - 1 <= upTo; group = groups[head]) dropHead();
      if (head === groups.length) this.clear();
    },
    clear() {
      groups = [];
      head = 0;
      records = 0;
      bytes = 0;
      decodedFirst = -1;
      decoded = [];
    },
  };
}
