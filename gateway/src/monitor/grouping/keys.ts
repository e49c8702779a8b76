/** Key of the incident that tells of a mass outage. */
export const MASS_KEY = 'mass:all';
/** Key of the group of devices that a mass outage took and no common cause explains. */
export const REST_KEY = 'rest:all';
/** Keys of vendors' lost logins begin so; the vendor's id follows. */
export const VENDOR_LINK = 'vendorLink:';
