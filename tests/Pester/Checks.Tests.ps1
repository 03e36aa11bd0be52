param([Parameter(Mandatory)] [string] $Module)

Describe 'Checks' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'TestKit.psm1') -Force
        Import-Module $Module
        $testHome = New-TestHome (Join-Path $TestDrive 'home')
        $old = Use-TestHome $testHome
        $project = Join-Path $TestDrive 'project'
        $null = New-Item -ItemType Directory -Force (Join-Path $project 'candy/note')
        Set-Content (Join-Path $project 'charly.yml') "version: 2026.163.0928`ndeploy:`n  desk:`n    target: local`n"
        $note = Join-Path $TestDrive 'note'
        $body = @'
candy:
  version: 2026.163.0928
  name: note
  task:
    - write: NOTE
      content: ours
      user: ${USER}
  eval:
    - {id: note, file: NOTE, mode: "0644"}
    - {id: words, command: cat NOTE, stdout: ours}
    - {id: ping, mcp: ping}
'@
        Set-Content (Join-Path $project 'candy/note/charly.yml') $body.Replace('NOTE', $note)
        Push-Location $project
    }

    AfterAll {
        Remove-CharlyBundle desk -Confirm:$false -ErrorAction Ignore
        Pop-Location
        Reset-TestHome $old
    }

    It 'of what was never applied are an error with code and advice' {
        Invoke-CharlyCheck desk -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'LED002,*'
        $problems[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'run after adding, and are part of the result' {
        $result = Add-CharlyBundle desk note -Verify -Yes
        $result.Failure | Should -BeNullOrEmpty
        $result.Checks.Status | Should -Be 'Pass', 'Pass', 'Skip'
    }

    It 'are objects that say what was expected and what was there' {
        chmod 600 $note
        $results = Invoke-CharlyCheck desk
        $results | Should -BeOfType OpenCharly.Checks.CheckResult
        $failed = @($results | Where-Object Status -EQ Fail)
        $failed.Id | Should -Be 'note'
        $failed[0].Expected, $failed[0].Actual | Should -Be 'mode 0644', 'mode 0600'
        $failed[0].Target, $failed[0].Candy, $failed[0].Verb | Should -Be 'desk', 'note', 'file'
        ($results | Where-Object Status -EQ Skip).Message | Should -Match 'mcp'
    }

    It 'take wildcards, words, and deployments from the pipeline' {
        (Invoke-CharlyCheck 'de*' -Filter words).Id | Should -Be 'words'
        (Get-CharlyBundle desk -NoProbe | Invoke-CharlyCheck -Section deploy) | Should -BeNullOrEmpty
        Invoke-CharlyCheck 'zzz*' | Should -BeNullOrEmpty
    }

    It 'do not run with -WhatIf' {
        Invoke-CharlyCheck desk -WhatIf | Should -BeNullOrEmpty
    }

    It 'and drift together tell whether a bundle is all right' {
        Test-CharlyBundle desk | Should -BeFalse
        chmod 644 $note
        Test-CharlyBundle desk | Should -BeTrue
        Test-CharlyBundle desk | Should -BeOfType bool
    }

    It 'that fail after adding are an error, and what was applied stands' {
        $file = Join-Path $project 'candy/note/charly.yml'
        (Get-Content -Raw $file).Replace('0644', '0640') | Set-Content $file
        $result = Add-CharlyBundle desk note -Verify -Yes -ErrorVariable problems -ErrorAction SilentlyContinue
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'checks.failed,*'
        ($result.Checks | Where-Object Status -EQ Fail).Id | Should -Be 'note'
        $note | Should -Exist
    }

    It 'complete names' {
        $line = 'Invoke-CharlyCheck de'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain 'desk'
    }
}
