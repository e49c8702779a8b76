// What the gateway starts and configures.
export { parseConfig } from './config.ts';
export { createMqttBroker, mqttAdapter } from './mqtt/adapter.ts';
export { rtspAdapter } from './rtsp/adapter.ts';
export { createTargetGuard } from './targets.ts';
