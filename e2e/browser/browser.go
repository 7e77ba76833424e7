// Package browser tests, in Chromium, what a person sees: the partner's portal, the admin's console,
// and the referral capture of a site. Its tests need Chromium, and axe-core from npm.
package browser
