// Lets n8n run from a folder with an apostrophe in its name. n8n loads each node by a script that it makes with the path in
// single quotes (`loadClassInIsolation` of n8n-core 2.41.1 and 1.123.81), which the apostrophe would end.
const vm = require('node:vm');

const LOAD = /^new \(require\('(.*)'\)\.(\w+)\)\(\)$/s;

vm.Script = class extends vm.Script {
	constructor(code, options) {
		const load = typeof code === 'string' && LOAD.exec(code);
		super(load ? `new (require(${JSON.stringify(load[1])}).${load[2]})()` : code, options);
	}
};
