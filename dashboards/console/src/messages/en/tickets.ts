export const tickets = {
  'photos.add': 'Take or choose pictures',
  'photos.remove': 'Remove {name}',
  'photos.phase.before': 'Before',
  'photos.phase.after': 'After',
  'photos.phase.other': 'Other',
  'photos.near': '{metres} m from the device',
  'photos.far': '{metres} m from the device: far',
  'photos.repeated': 'The same file was uploaded before',
} as const;
