import { spiriiSandbox } from './spirii';
import { voltTimeSandbox } from './voltTime';

/** The server of each vendor and the credential for it. A new vendor is added here, and nowhere else in `sandbox/*.ts`. */
export const sandboxVendors = { spirii: spiriiSandbox, voltTime: voltTimeSandbox };

export type VendorName = keyof typeof sandboxVendors;

export const vendorNames = Object.keys(sandboxVendors) as VendorName[];

/** The running server of each vendor. */
export type VendorServers = {
	[Name in VendorName]: Awaited<ReturnType<(typeof sandboxVendors)[Name]['start']>>['vendor'];
};

/** The data of n8n's credential for a running server, decrypted. */
export function credentialDataOf(name: VendorName, { url, key }: { url: string; key: string }) {
	const { data, secretField } = sandboxVendors[name].credential;
	return { ...data, [secretField]: key, baseUrl: url };
}
