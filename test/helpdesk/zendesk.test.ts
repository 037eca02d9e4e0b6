import { testHelpDesk } from './contract.ts';
import { startContractRig } from './zendesk-rig.ts';

testHelpDesk('the zendesk provider', startContractRig);
