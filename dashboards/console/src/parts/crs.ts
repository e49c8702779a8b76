/** What coordinates may be given in; the gateway converts them. */
export const CRS = ['wgs84', 'gcj02', 'cgcs2000'] as const;
export type Crs = (typeof CRS)[number];
