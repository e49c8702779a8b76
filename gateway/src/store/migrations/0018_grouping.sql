-- Incidents of one cause: who is silent now, which groups are open, and what devices hang on.
create index incident_silent on incident (opened_at) where kind = 'device' and fault = 'offline' and state in ('held', 'open');
create index incident_group on incident (state, resolved_at) where kind = 'group';
create index device_power_feed on device ((labels ->> 'powerFeed'), site_id) where labels ? 'powerFeed';
create index device_uplink on device ((labels ->> 'uplink')) where labels ? 'uplink';
