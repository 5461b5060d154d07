"""What is measured of refacts, and the `refacts` command: report, exact, readme, bench."""
