"""Ground heights from files (GeoTIFF), as the `Terrain` of coverage."""
