// What the gateway starts and configures.
export { parseConfig } from './config.ts';
export { createMqttBroker, mqttAdapter } from './mqtt/adapter.ts';
export { rtspAdapter } from './rtsp/adapter.ts';
export { createRtspRelay } from './rtsp/relay.ts';
export { createTargetGuard } from './targets.ts';
