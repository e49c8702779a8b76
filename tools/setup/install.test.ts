import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';

// Plain JavaScript without declarations, because it runs on any Node before the packages are there.
interface Setup {
  ensureSystemPackages(needs: Record<string, string>, host: { uid: number | undefined; path: string }): string[];
}
const { ensureSystemPackages } = (await import(join(import.meta.dirname, 'install.mjs'))) as Setup;

const folder = mkdtempSync(join(tmpdir(), 'cgw-setup-'));
writeFileSync(join(folder, 'ffmpeg'), '');
afterAll(() => rmSync(folder, { recursive: true }));

describe('ensureSystemPackages', () => {
  let told: MockInstance<typeof console.error>;
  beforeEach(() => {
    told = vi.spyOn(console, 'error').mockReturnValue();
  });
  afterEach(() => told.mockRestore());

  const NEEDS = {
    ffmpeg: 'ffmpeg',
    mosquitto_pub: 'mosquitto-clients',
    mosquitto_sub: 'mosquitto-clients',
    [join(folder, 'postgres')]: 'postgresql',
  };

  it('names exactly what an ordinary user has to install, and goes on', () => {
    expect(ensureSystemPackages(NEEDS, { uid: 1000, path: `/nowhere:${folder}` })).toEqual([
      'mosquitto-clients',
      'postgresql',
    ]);
    const lines = String(told.mock.calls[0]?.[0]).split('\n');
    expect(lines[1]?.trim()).toBe('sudo apt-get install --no-install-recommends mosquitto-clients postgresql');
    expect(lines[2]).toContain('Going on');
  });

  it('does the same for root on a system without apt', () => {
    expect(ensureSystemPackages(NEEDS, { uid: 0, path: folder })).toEqual(['mosquitto-clients', 'postgresql']);
    expect(told).toHaveBeenCalledOnce();
  });

  it('says nothing when nothing is missing', () => {
    expect(ensureSystemPackages({ ffmpeg: 'ffmpeg', [folder]: 'x' }, { uid: 1000, path: folder })).toEqual([]);
    expect(told).not.toHaveBeenCalled();
  });
});
