module ledgerexample

go 1.19
