// Loaded before a test's gateway: a password is hashed in 3 ms of work instead of 80, which are a tenth of what many a whole
// gateway does in the tests. What a hash costs is tested where it is made, and `npm run demo` is tested without this.
import { makeHashesCheap } from './hash-cost.ts';

makeHashesCheap();
