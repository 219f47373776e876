// Runs n8n's own scanner over a folder and prints its verdict as JSON; the scanner is an ES module, which jest is not.
import { SOURCE_FILE_PATTERNS, analyzePackage } from '@n8n/scan-community-package/scanner/scanner.mjs';

const [folder, kind] = process.argv.slice(2);
const verdict = await analyzePackage(folder, kind === 'sources' ? SOURCE_FILE_PATTERNS : undefined);
console.log(JSON.stringify({ passed: verdict.passed, message: verdict.message, details: verdict.details }));
