import OmphalosCLI

OmphalosProgram.main()
