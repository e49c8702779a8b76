// What the gateway starts and configures.
export { parseConfig } from './config.ts';
export { createMqttBroker, mqttAdapter } from './mqtt/adapter.ts';
export { createCanary } from './mqtt/canary.ts';
export { createExternalBroker, mqttExternalAdapter } from './mqtt/external.ts';
export { onvifAdapter } from './onvif/adapter.ts';
export { createOnvifClient } from './onvif/onvif-client.ts';
export { rtspAdapter } from './rtsp/adapter.ts';
export { createRtspRelay } from './rtsp/relay.ts';
export { createTcpProbe } from './rtsp/tcp-probe.ts';
export { createTargetGuard } from './targets.ts';
