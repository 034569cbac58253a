"""The xAPI resources over HTTP, versions 1.0.3 and 2.0 on one endpoint."""
