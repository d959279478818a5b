package guardrails.subdomain_parent_test

import data.guardrails.lib_test
import data.guardrails.subdomain_parent

having(name, domain) := lib_test.doc({"domains": {name: lib_test.domain(name, domain)}})

set(suffixes) := {"settings": {"subdomain-parent": {"suffixes": suffixes}}}

warned := count(subdomain_parent.warn)

test_warns_of_a_subdomain_by_itself if {
	found := subdomain_parent.warn with input as having("eu.x.org", {})
	found == {{
		"id": "subdomain-parent",
		"msg": concat("", [
			"`eu.x.org` is declared, ",
			"and no claim is known of a domain above it, such as `x.org`",
		]),
		"addresses": ["domain/eu.x.org"],
		"_loc": lib_test.source,
	}}
}

test_allows_a_parent if warned == 0 with input as having("eu.x.org", {"parent": "x.org"})

test_allows_what_is_not_claimed if {
	warned == 0 with input as having("eu.x.org", {"declared": false})
	warned == 0 with input as having("eu.x.org", {"present": false})
}

test_boundary_of_three_labels if {
	warned == 0 with input as having("x.org", {})
	warned == 0 with input as having("localhost", {})
	warned == 1 with input as having("a.b.x.org", {})
}

test_boundary_of_suffixes if {
	every suffix in [
		"co.uk", "org.uk", "ac.uk", "gov.uk", "com.au", "net.au", "org.au", "co.nz", "co.jp",
		"co.kr", "com.br", "com.cn", "com.mx", "com.sg", "com.tr", "co.in", "co.za", "com.hk",
		"com.tw",
	] {
		warned == 0 with input as having(sprintf("acme.%v", [suffix]), {})
		warned == 1 with input as having(sprintf("eu.acme.%v", [suffix]), {})
	}
}

test_boundary_of_suffixes_that_are_set if {
	warned == 0 with input as object.union(having("acme.com.ar", {}), set(["com.ar", null]))
	warned == 1 with input as object.union(having("acme.co.uk", {}), set(["com.ar"]))
}

test_missing_suffixes_are_the_usual_ones if {
	every suffixes in [[], null, "com.ar"] {
		warned == 0 with input as object.union(having("acme.co.uk", {}), set(suffixes))
		warned == 1 with input as object.union(having("acme.com.ar", {}), set(suffixes))
	}
}

test_missing_words_hide_nothing if {
	unsaid := {"parent": null, "declared": null, "present": null}
	warned == 1 with input as having("eu.x.org", unsaid)
	warned == 1 with input as {"domains": {"eu.x.org": null}}
}

test_advises_no_claim_that_is_refused if {
	accounts := {"breakGlass": {"bg@x.org": {"domain": "x.org"}}}
	some v in subdomain_parent.warn with input as object.union(having("eu.x.org", {}), accounts)
	contains(v.remedy, "`x.org` is the domain of a break-glass account: claim it by hand")
	some w in subdomain_parent.warn with input as having("eu.x.org", {})
	not "remedy" in object.keys(w)
}
