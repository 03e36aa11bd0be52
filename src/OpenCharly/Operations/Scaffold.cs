using OpenCharly.Foundation;
using OpenCharly.Model;

namespace OpenCharly.Operations;

/// <summary>Writes the first files of new things; what it writes passes <see cref="ValidateProject"/>.</summary>
internal static class Scaffold
{
    /// <summary>The first file of a project.</summary>
    public static string Project() => $"""
        # What this project describes. Every field: charly schema
        version: {CalVer.NewestSchema}

        # Folders whose charly.yml files are read.
        discover: [box, candy]

        """;

    /// <summary>A candy that leaves one file behind, with a check and a scenario for it.</summary>
    public static string Candy(string name, TimeProvider clock) => $"""
        candy:
          name: {name}
          version: {Now(clock)}
          description:
            feature: What {name} gives, in one line
            tag: [testing]
            scenario:
              - name: {name}-is-there
                step:
                  - then: the note of {name} is there
                    file: /usr/local/share/{name}/README

          # Packages for every distribution; names that differ stand below distro:.
          package: []

          task:
            - write: /usr/local/share/{name}/README
              mode: "0644"
              content: |
                Installed by the candy {name}.

          eval:
            - id: {name}-note
              file: /usr/local/share/{name}/README
              contains: {name}

        """;

    /// <summary>A box without candies on the image that boxes are built on where none is named.</summary>
    public static string Box(string name, TimeProvider clock) => $"""
        box:
          name: {name}
          version: {Now(clock)}
          description: What {name} is for, in one line

          # Tags that the sections of candies are chosen by, most specific first, and the format of packages.
          distro: ["fedora:43", fedora]
          build: [rpm]

          # In the order in which they are applied.
          candy: []

        """;

    /// <summary>Writes a file that must not be there yet.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.FileExists"/>.</exception>
    public static void Write(string file, string text) => AtomicFile.Write(RequireNew(file), text);

    /// <summary>Refuses a file that is there.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.FileExists"/>.</exception>
    public static string RequireNew(string file) => !File.Exists(file) && !Directory.Exists(file)
        ? file
        : throw new CharlyException(Errors.FileExists, $"{file} is there already", "Choose another name, or edit that file.", target: file);

    /// <summary>Where the manifest of a new entity of the project goes.</summary>
    /// <exception cref="CharlyException"><see cref="Errors.CfgNoProject"/>, <see cref="Errors.FileExists"/>.</exception>
    public static string FileOf(CharlyContext context, string kind, string name)
    {
        if (!File.Exists(Path.Combine(context.ProjectFolder, "charly.yml")))
        {
            throw new CharlyException(
                Errors.CfgNoProject, $"{context.ProjectFolder} holds no charly.yml", "Change to a project's folder, or make one: charly box new project NAME", target: context.ProjectFolder);
        }

        return RequireNew(Path.Combine(context.ProjectFolder, kind, name, "charly.yml"));
    }

    private static string Now(TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return new CalVer(now.Year, now.DayOfYear, (now.Hour * 100) + now.Minute).ToString();
    }
}
