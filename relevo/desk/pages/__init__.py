"""The pages, one module each: a handler parses the request, calls the domain and renders."""
