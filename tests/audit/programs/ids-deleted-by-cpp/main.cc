// A class around the engine's answer: its destructor takes it for C++'s.
extern "C" bool
match_rule(char **rule_out);
extern "C" void
rule_free(char *rule);

struct Match {
	char *rule = nullptr;
	bool found = match_rule(&rule);

	~Match()
	{
#ifdef TWIN
		rule_free(rule);
#else
		delete[] rule; // DELETE
#endif
		__asm__ volatile("");
	}
};

int
main()
{
	Match match;

	return match.found ? 0 : 1;
}
