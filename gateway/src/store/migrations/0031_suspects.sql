-- The few devices in doubt: consoles ask every second whether they are still the same ones.
create index health_suspect on health (device) where suspect;
