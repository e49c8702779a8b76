import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

describe('metrics', () => {
  it('publish milliseconds as seconds and count by bucket', async () => {
    const metrics = createMetrics();
    metrics.ingest.received(3);
    metrics.ingest.drained({ stored: 2, quarantined: 1 }, 250);
    metrics.spool({ records: 5, bytes: 1_000, limitBytes: 2_000, oldestMs: 1_500, lost: 0 });
    metrics.process.loopDelay('p99', 12);
    const text = await metrics.text();
    expect(text).toContain('cgw_ingest_messages_total{bucket="received"} 3');
    expect(text).toContain('cgw_ingest_messages_total{bucket="stored"} 2');
    expect(text).toContain('cgw_drain_seconds_sum 0.25');
    expect(text).toContain('cgw_spool_oldest_seconds 1.5');
    expect(text).toContain('cgw_event_loop_delay_seconds{quantile="p99"} 0.012');
  });

  it('set a state back to 0 when nothing is in it any more', async () => {
    const metrics = createMetrics();
    metrics.monitor.devices({ online: 4, offline: 2 });
    metrics.monitor.devices({ online: 6 });
    const text = await metrics.text();
    expect(text).toContain('cgw_devices{state="online"} 6');
    expect(text).toContain('cgw_devices{state="offline"} 0');
  });

  it('are scraped even when a source fails', async () => {
    const metrics = createMetrics();
    metrics.onCollect(() => {
      throw new Error('database away');
    });
    metrics.onCollect(async () => metrics.mqtt.connections(9));
    expect(await metrics.text()).toContain('cgw_mqtt_connections 9');
  });

  it('carry no label that could name a device, a vendor or a person', async () => {
    const labels = [...(await createMetrics().registry.getMetricsAsArray())].flatMap(
      (metric) => (metric as unknown as { labelNames: string[] }).labelNames,
    );
    expect(labels.length).toBeGreaterThan(5);
    expect(labels.filter((label) => /device|vendor|user|topic|id$/i.test(label))).toEqual([]);
  });
});
