@rem A shell of POSIX replaces itself by the program after exec; here it is only run.
@%*
